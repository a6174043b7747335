-- SPDX-License-Identifier: ISC
ALTER TABLE users DROP COLUMN IF EXISTS waits, DROP COLUMN IF EXISTS email_confirmed_at;
