-- SPDX-License-Identifier: ISC
-- Logins that hand out refresh tokens: which one is the newest, when it was made, and the one before.
ALTER TABLE sessions
	ADD COLUMN IF NOT EXISTS refresh INT UNSIGNED NULL AFTER remembered,
	ADD COLUMN IF NOT EXISTS refreshed_at DATETIME(3) NULL AFTER refresh,
	ADD COLUMN IF NOT EXISTS refreshed_before_at DATETIME(3) NULL AFTER refreshed_at;
