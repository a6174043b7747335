-- SPDX-License-Identifier: ISC
-- The table comes back for a moment because a run that was stopped after the last step begins with the first again,
-- and finds nothing to copy.
CREATE TABLE IF NOT EXISTS addresses (
	user_id            BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	email              VARCHAR(254)    NOT NULL,
	email_key          VARCHAR(254)    NOT NULL,
	email_confirmed_at DATETIME(3)     NULL,
	email_new          VARCHAR(254)    NULL,
	email_new_key      VARCHAR(254)    NULL,
	email_new_at       DATETIME(3)     NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
ALTER TABLE users
	ADD COLUMN IF NOT EXISTS email VARCHAR(254) NULL AFTER username_key,
	ADD COLUMN IF NOT EXISTS email_key VARCHAR(254) NULL AFTER email,
	ADD COLUMN IF NOT EXISTS email_confirmed_at DATETIME(3) NULL AFTER email_key,
	ADD COLUMN IF NOT EXISTS email_new VARCHAR(254) NULL AFTER email_confirmed_at,
	ADD COLUMN IF NOT EXISTS email_new_key VARCHAR(254) NULL AFTER email_new,
	ADD COLUMN IF NOT EXISTS email_new_at DATETIME(3) NULL AFTER email_new_key;
UPDATE users u JOIN addresses a ON a.user_id = u.id
SET u.email = a.email, u.email_key = a.email_key, u.email_confirmed_at = a.email_confirmed_at,
	u.email_new = a.email_new, u.email_new_key = a.email_new_key, u.email_new_at = a.email_new_at;
ALTER TABLE users
	MODIFY COLUMN email VARCHAR(254) NOT NULL,
	MODIFY COLUMN email_key VARCHAR(254) NOT NULL,
	ADD UNIQUE KEY IF NOT EXISTS email (email_key),
	ADD KEY IF NOT EXISTS users_email_new_at (email_new_at);
DROP TABLE IF EXISTS addresses;
