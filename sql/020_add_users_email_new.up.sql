-- SPDX-License-Identifier: ISC
-- The address that a member wants instead of the present one, until its owner has confirmed it. Nobody holds it
-- before: two may want the same one.
ALTER TABLE users
	ADD COLUMN IF NOT EXISTS email_new VARCHAR(254) NULL AFTER email_confirmed_at,
	ADD COLUMN IF NOT EXISTS email_new_key VARCHAR(254) NULL AFTER email_new,
	ADD COLUMN IF NOT EXISTS email_new_at DATETIME(3) NULL AFTER email_new_key,
	ADD KEY IF NOT EXISTS users_email_new_at (email_new_at),
	ADD KEY IF NOT EXISTS users_waits (waits, created_at);
