-- SPDX-License-Identifier: ISC
-- What was answered to a request that came with an Idempotency-Key, so that it can be answered once more. Key
-- and request are SHA-256; the answer stands in the same transaction as what was done.
CREATE TABLE IF NOT EXISTS idempotency_keys (
	user_id    BIGINT UNSIGNED NOT NULL,
	hash       BINARY(32)      NOT NULL,
	request    BINARY(32)      NOT NULL,
	answer     MEDIUMTEXT      NULL,
	created_at DATETIME(3)     NOT NULL,
	PRIMARY KEY (user_id, hash),
	KEY idempotency_keys_created (created_at),
	CONSTRAINT idempotency_keys_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
