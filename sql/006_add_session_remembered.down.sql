-- SPDX-License-Identifier: ISC
ALTER TABLE sessions DROP COLUMN IF EXISTS remembered;
