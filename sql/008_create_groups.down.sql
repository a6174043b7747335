-- SPDX-License-Identifier: ISC
ALTER TABLE users DROP KEY IF EXISTS users_role;
DROP TABLE IF EXISTS groups;
