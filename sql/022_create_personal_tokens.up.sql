-- SPDX-License-Identifier: ISC
-- Tokens that members make for their scripts, known by the SHA-256. Scopes: read, write, gate, a blank between.
CREATE TABLE IF NOT EXISTS personal_tokens (
	id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id      BIGINT UNSIGNED NOT NULL,
	hash         BINARY(32)      NOT NULL,
	name         VARCHAR(60)     NOT NULL,
	scopes       VARCHAR(20)     NOT NULL,
	created_at   DATETIME(3)     NOT NULL,
	expires_at   DATETIME(3)     NOT NULL,
	last_used_at DATETIME(3)     NULL,
	UNIQUE KEY hash (hash),
	KEY personal_tokens_user (user_id, id),
	KEY personal_tokens_expires (expires_at),
	CONSTRAINT personal_tokens_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
