-- SPDX-License-Identifier: ISC
-- Links that work once, known by the SHA-256 of their token: an invitation, perhaps for one address alone; the
-- confirmation of a member's address.
CREATE TABLE IF NOT EXISTS one_time_tokens (
	hash       BINARY(32)      NOT NULL PRIMARY KEY,
	kind       VARCHAR(10)     NOT NULL,
	user_id    BIGINT UNSIGNED NULL,
	email_key  VARCHAR(254)    NULL,
	created_at DATETIME(3)     NOT NULL,
	expires_at DATETIME(3)     NOT NULL,
	used_at    DATETIME(3)     NULL,
	KEY one_time_tokens_user (user_id, kind),
	KEY one_time_tokens_expires (expires_at),
	CONSTRAINT one_time_tokens_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
