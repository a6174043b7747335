-- SPDX-License-Identifier: ISC
-- Where a member has logged in before: a login asks for it each time.
ALTER TABLE sessions ADD KEY IF NOT EXISTS sessions_address (user_id, address);
