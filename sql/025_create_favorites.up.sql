-- SPDX-License-Identifier: ISC
-- Whose favourite an article is; with its date, as in article_tags.
CREATE TABLE IF NOT EXISTS favorites (
	user_id            BIGINT UNSIGNED NOT NULL,
	article_created_at DATETIME(3)     NOT NULL,
	article_id         BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (user_id, article_created_at, article_id),
	KEY favorites_article (article_id),
	CONSTRAINT favorites_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT favorites_article FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
