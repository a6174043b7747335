-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS comments;
