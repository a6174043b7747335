-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS idempotency_keys;
