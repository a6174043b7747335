-- SPDX-License-Identifier: ISC
-- Comments on articles, as written and as HTML by the renderer of that name.
CREATE TABLE IF NOT EXISTS comments (
	id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	article_id BIGINT UNSIGNED NOT NULL,
	author_id  BIGINT UNSIGNED NOT NULL,
	body       TEXT            NOT NULL,
	html       MEDIUMTEXT      NOT NULL,
	renderer   VARCHAR(30)     NOT NULL,
	created_at DATETIME(3)     NOT NULL,
	updated_at DATETIME(3)     NOT NULL,
	KEY comments_article (article_id, created_at),
	KEY comments_author (author_id),
	CONSTRAINT comments_article FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE,
	CONSTRAINT comments_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
