-- SPDX-License-Identifier: ISC
-- Logins of a browser that asked to be remembered: they know no idle limit.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS remembered BOOLEAN NOT NULL DEFAULT FALSE AFTER hash;
