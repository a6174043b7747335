-- SPDX-License-Identifier: ISC
CREATE TABLE IF NOT EXISTS attempts (
	subject  BINARY(32)   NOT NULL PRIMARY KEY,
	tries    INT UNSIGNED NOT NULL,
	first_at DATETIME(3)  NOT NULL,
	last_at  DATETIME(3)  NOT NULL,
	KEY attempts_last (last_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
