-- SPDX-License-Identifier: ISC
-- New members who may not log in yet wait for an admin's approval, or for their address to be confirmed.
ALTER TABLE users
	ADD COLUMN IF NOT EXISTS waits VARCHAR(10) NULL CHECK (waits IN ('approval', 'address')) AFTER locked,
	ADD COLUMN IF NOT EXISTS email_confirmed_at DATETIME(3) NULL AFTER email_key;
