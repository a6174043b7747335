-- SPDX-License-Identifier: ISC
-- Tags in use: one that no article has any more goes. They compare exactly.
CREATE TABLE IF NOT EXISTS tags (
	id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name           VARCHAR(60)     NOT NULL,
	articles_count INT UNSIGNED    NOT NULL,
	used_at        DATETIME(3)     NOT NULL,
	UNIQUE KEY name (name),
	KEY tags_used (used_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
-- An article's date never changes, so it may stand here as well: the newest of a tag are found by the key.
CREATE TABLE IF NOT EXISTS article_tags (
	tag_id             BIGINT UNSIGNED NOT NULL,
	article_created_at DATETIME(3)     NOT NULL,
	article_id         BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (tag_id, article_created_at, article_id),
	KEY article_tags_article (article_id),
	CONSTRAINT article_tags_tag FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE,
	CONSTRAINT article_tags_article FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
