-- SPDX-License-Identifier: ISC
-- One row a login. Tokens carry its id, cookies an opaque value of which only the SHA-256 is kept.
CREATE TABLE IF NOT EXISTS sessions (
	id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id          BIGINT UNSIGNED NOT NULL,
	hash             BINARY(32)      NULL,
	created_at       DATETIME(3)     NOT NULL,
	authenticated_at DATETIME(3)     NOT NULL,
	last_seen_at     DATETIME(3)     NOT NULL,
	expires_at       DATETIME(3)     NOT NULL,
	ended_at         DATETIME(3)     NULL,
	address          VARCHAR(45)     NOT NULL DEFAULT '',
	agent            VARCHAR(255)    NOT NULL DEFAULT '',
	UNIQUE KEY hash (hash),
	KEY sessions_user (user_id, ended_at),
	KEY sessions_expires (expires_at),
	CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
