-- SPDX-License-Identifier: ISC
-- The security history. A removed member leaves the events, without the name.
CREATE TABLE IF NOT EXISTS events (
	id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	created_at DATETIME(3)     NOT NULL,
	kind       VARCHAR(30)     NOT NULL,
	user_id    BIGINT UNSIGNED NULL,
	address    VARCHAR(45)     NOT NULL DEFAULT '',
	agent      VARCHAR(255)    NOT NULL DEFAULT '',
	request_id VARCHAR(64)     NOT NULL DEFAULT '',
	KEY events_user (user_id, id),
	KEY events_created (created_at),
	CONSTRAINT events_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
