-- SPDX-License-Identifier: ISC
ALTER TABLE users
	DROP KEY IF EXISTS users_waits,
	DROP KEY IF EXISTS users_email_new_at,
	DROP COLUMN IF EXISTS email_new_at,
	DROP COLUMN IF EXISTS email_new_key,
	DROP COLUMN IF EXISTS email_new;
