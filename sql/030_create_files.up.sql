-- SPDX-License-Identifier: ISC
-- Files of members. A description is unique among those of one member. While a file comes in it is `uploading`,
-- nobody sees it, its size is what was announced, and touched_at is when more of it last began to come. Links to
-- it count as long as they hold the number in `links`.
CREATE TABLE IF NOT EXISTS files (
	id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id     BIGINT UNSIGNED NOT NULL,
	description VARCHAR(250)    NULL,
	name        VARCHAR(255)    NOT NULL,
	type        VARCHAR(127)    NOT NULL,
	size        BIGINT UNSIGNED NOT NULL,
	sha256      BINARY(32)      NULL,
	uploading   BOOLEAN         NOT NULL,
	links       INT UNSIGNED    NOT NULL DEFAULT 0,
	created_at  DATETIME(3)     NOT NULL,
	touched_at  DATETIME(3)     NOT NULL,
	UNIQUE KEY description (user_id, description),
	KEY files_user (user_id, uploading, id),
	KEY files_uploading (uploading, touched_at),
	CONSTRAINT files_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
-- Their bytes, 1 MiB a row but for the last, from 0 on.
CREATE TABLE IF NOT EXISTS file_chunks (
	file_id BIGINT UNSIGNED NOT NULL,
	n       INT UNSIGNED    NOT NULL,
	size    INT UNSIGNED    NOT NULL,
	data    MEDIUMBLOB      NOT NULL,
	PRIMARY KEY (file_id, n),
	CONSTRAINT file_chunks_file FOREIGN KEY (file_id) REFERENCES files (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
