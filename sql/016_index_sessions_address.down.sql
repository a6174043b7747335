-- SPDX-License-Identifier: ISC
ALTER TABLE sessions DROP KEY IF EXISTS sessions_address;
