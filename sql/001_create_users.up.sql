-- SPDX-License-Identifier: ISC
-- Members. Names and addresses are unique by their canonical form (ASCII lower case), compared byte by
-- byte: any other collation would take "ádmin" or "admin " for "admin". Unique keys are named like the
-- member of the API that they guard.
CREATE TABLE IF NOT EXISTS users (
	id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	username     VARCHAR(30)   NOT NULL,
	username_key VARCHAR(30)   NOT NULL,
	email        VARCHAR(254)  NOT NULL,
	email_key    VARCHAR(254)  NOT NULL,
	bio          TEXT          NULL,
	image        VARCHAR(2000) NULL,
	role         VARCHAR(10)   NOT NULL DEFAULT 'member',
	locked       BOOLEAN       NOT NULL DEFAULT FALSE,
	created_at   DATETIME(3)   NOT NULL,
	updated_at   DATETIME(3)   NOT NULL,
	UNIQUE KEY username (username_key),
	UNIQUE KEY email (email_key),
	CONSTRAINT users_role CHECK (role IN ('member', 'admin'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
