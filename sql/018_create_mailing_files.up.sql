-- SPDX-License-Identifier: ISC
-- Their attachments, in base64: a mail carries them so.
CREATE TABLE IF NOT EXISTS mailing_files (
	mailing_id BIGINT UNSIGNED  NOT NULL,
	place      TINYINT UNSIGNED NOT NULL,
	name       VARCHAR(255)     NOT NULL,
	type       VARCHAR(100)     NOT NULL,
	content    LONGTEXT CHARACTER SET ascii NOT NULL,
	PRIMARY KEY (mailing_id, place),
	CONSTRAINT mailing_files_mailing FOREIGN KEY (mailing_id) REFERENCES mailings (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
