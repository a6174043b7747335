-- SPDX-License-Identifier: ISC
ALTER TABLE sessions
	DROP COLUMN IF EXISTS refreshed_before_at,
	DROP COLUMN IF EXISTS refreshed_at,
	DROP COLUMN IF EXISTS refresh;
