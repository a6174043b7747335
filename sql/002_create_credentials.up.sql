-- SPDX-License-Identifier: ISC
-- Stored password hashes, apart from users so that most programs cannot read them.
CREATE TABLE IF NOT EXISTS credentials (
	user_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	hash       VARCHAR(255)    NOT NULL,
	changed_at DATETIME(3)     NOT NULL,
	CONSTRAINT credentials_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
