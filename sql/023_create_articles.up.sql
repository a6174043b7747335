-- SPDX-License-Identifier: ISC
-- Articles. What lists show stands in rows of its own, apart from the long texts. The tags of an article are
-- here once more, as they are answered: sorted, one a line; article_tags is for finding. Counts are kept with
-- what they count for: of favourites here, of articles in tags, writers and totals.
CREATE TABLE IF NOT EXISTS articles (
	id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	slug            VARCHAR(140)    NOT NULL,
	author_id       BIGINT UNSIGNED NOT NULL,
	title           VARCHAR(120)    NOT NULL,
	description     VARCHAR(250)    NOT NULL,
	tag_lines       VARCHAR(1220)   NOT NULL DEFAULT '',
	favorites_count INT UNSIGNED    NOT NULL DEFAULT 0,
	created_at      DATETIME(3)     NOT NULL,
	updated_at      DATETIME(3)     NOT NULL,
	UNIQUE KEY slug (slug),
	KEY articles_created (created_at),
	KEY articles_author (author_id, created_at),
	CONSTRAINT articles_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
-- The text as it was written, and as HTML by the renderer of that name.
CREATE TABLE IF NOT EXISTS article_bodies (
	article_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	body       MEDIUMTEXT      NOT NULL,
	html       MEDIUMTEXT      NOT NULL,
	renderer   VARCHAR(30)     NOT NULL,
	CONSTRAINT article_bodies_article FOREIGN KEY (article_id) REFERENCES articles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
-- How many there are in all.
CREATE TABLE IF NOT EXISTS totals (
	name VARCHAR(20)     NOT NULL PRIMARY KEY,
	n    BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
INSERT IGNORE INTO totals (name, n) VALUES ('articles', 0);
-- How many articles a member has written and how many are favourites, and which is the newest that was written.
CREATE TABLE IF NOT EXISTS writers (
	user_id         BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	articles_count  INT UNSIGNED    NOT NULL DEFAULT 0,
	favorites_count INT UNSIGNED    NOT NULL DEFAULT 0,
	last_at         DATETIME(3)     NULL,
	last_id         BIGINT UNSIGNED NULL,
	CONSTRAINT writers_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
