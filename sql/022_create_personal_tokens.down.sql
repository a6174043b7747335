-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS personal_tokens;
