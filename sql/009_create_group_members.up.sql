-- SPDX-License-Identifier: ISC
-- Who is in which group.
CREATE TABLE IF NOT EXISTS group_members (
	group_id BIGINT UNSIGNED NOT NULL,
	user_id  BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (group_id, user_id),
	KEY group_members_user (user_id),
	CONSTRAINT group_members_group FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
	CONSTRAINT group_members_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
