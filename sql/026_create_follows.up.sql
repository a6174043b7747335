-- SPDX-License-Identifier: ISC
-- Who follows whom.
CREATE TABLE IF NOT EXISTS follows (
	follower_id BIGINT UNSIGNED NOT NULL,
	followed_id BIGINT UNSIGNED NOT NULL,
	created_at  DATETIME(3)     NOT NULL,
	PRIMARY KEY (follower_id, followed_id),
	KEY follows_followed (followed_id),
	CONSTRAINT follows_follower FOREIGN KEY (follower_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT follows_followed FOREIGN KEY (followed_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
