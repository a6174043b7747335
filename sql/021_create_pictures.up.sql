-- SPDX-License-Identifier: ISC
-- Profile pictures as they are served, one a member: WebP under 16 random hexadecimal digits, and what the
-- member's file was called.
CREATE TABLE IF NOT EXISTS pictures (
	user_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	name       CHAR(16)        NOT NULL,
	file       VARCHAR(255)    NOT NULL,
	data       MEDIUMBLOB      NOT NULL,
	created_at DATETIME(3)     NOT NULL,
	UNIQUE KEY image (name),
	CONSTRAINT pictures_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
