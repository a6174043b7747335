-- SPDX-License-Identifier: ISC
-- Mail addresses, one a member, in a table of their own: so a class that reads whole members reads none. Nobody
-- holds the address that is wanted instead of the present one: two may want the same. The columns come back for a
-- moment because a run that was stopped after the last step begins with the first again, and finds nothing to copy.
CREATE TABLE IF NOT EXISTS addresses (
	user_id            BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	email              VARCHAR(254)    NOT NULL,
	email_key          VARCHAR(254)    NOT NULL,
	email_confirmed_at DATETIME(3)     NULL,
	email_new          VARCHAR(254)    NULL,
	email_new_key      VARCHAR(254)    NULL,
	email_new_at       DATETIME(3)     NULL,
	UNIQUE KEY email (email_key),
	KEY addresses_email_new_at (email_new_at),
	CONSTRAINT addresses_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
ALTER TABLE users
	ADD COLUMN IF NOT EXISTS email VARCHAR(254) NULL AFTER username_key,
	ADD COLUMN IF NOT EXISTS email_key VARCHAR(254) NULL AFTER email,
	ADD COLUMN IF NOT EXISTS email_confirmed_at DATETIME(3) NULL AFTER email_key,
	ADD COLUMN IF NOT EXISTS email_new VARCHAR(254) NULL AFTER email_confirmed_at,
	ADD COLUMN IF NOT EXISTS email_new_key VARCHAR(254) NULL AFTER email_new,
	ADD COLUMN IF NOT EXISTS email_new_at DATETIME(3) NULL AFTER email_new_key;
INSERT INTO addresses (user_id, email, email_key, email_confirmed_at, email_new, email_new_key, email_new_at)
SELECT u.id, u.email, u.email_key, u.email_confirmed_at, u.email_new, u.email_new_key, u.email_new_at
FROM users u LEFT JOIN addresses a ON a.user_id = u.id WHERE a.user_id IS NULL AND u.email IS NOT NULL;
ALTER TABLE users
	DROP KEY IF EXISTS email,
	DROP KEY IF EXISTS users_email_new_at,
	DROP COLUMN IF EXISTS email_new_at,
	DROP COLUMN IF EXISTS email_new_key,
	DROP COLUMN IF EXISTS email_new,
	DROP COLUMN IF EXISTS email_confirmed_at,
	DROP COLUMN IF EXISTS email_key,
	DROP COLUMN IF EXISTS email;
