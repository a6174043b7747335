-- SPDX-License-Identifier: ISC
-- For postern tidy.
ALTER TABLE sessions ADD KEY IF NOT EXISTS sessions_ended (ended_at);
