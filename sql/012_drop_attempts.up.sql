-- SPDX-License-Identifier: ISC
-- Tries at passwords are counted in throttles now.
DROP TABLE IF EXISTS attempts;
