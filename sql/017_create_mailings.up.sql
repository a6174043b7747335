-- SPDX-License-Identifier: ISC
-- What an admin writes to members by `postern mail send`, once for all who get it.
CREATE TABLE IF NOT EXISTS mailings (
	id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	subject    VARCHAR(500)  NOT NULL,
	text       MEDIUMTEXT    NOT NULL,
	html       MEDIUMTEXT    NULL,
	copies     VARCHAR(2000) NOT NULL,
	hidden     VARCHAR(2000) NOT NULL,
	reply_to   VARCHAR(500)  NULL,
	created_at DATETIME(3)   NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
