-- SPDX-License-Identifier: ISC
-- Groups of members: names that people give, shown as typed, unique by their ASCII lower case. And admins are
-- found by an index, so that holding them (nobody may take the last one away) holds nobody else.
CREATE TABLE IF NOT EXISTS groups (
	id       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name     VARCHAR(30)     NOT NULL,
	name_key VARCHAR(30)     NOT NULL,
	UNIQUE KEY name (name_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
ALTER TABLE users ADD KEY IF NOT EXISTS users_role (role);
