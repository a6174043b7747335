-- SPDX-License-Identifier: ISC
-- What each class of programs may do. Applied by `postern migrate up`, section by section, for the
-- classes that have an account of their own (CLASS.conf). {{account}} and {{identified}} are filled in;
-- the account's old rights are revoked before.

-- class credentials
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON addresses TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON credentials TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_tokens TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON personal_tokens TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON groups TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON group_members TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON throttles TO {{account}};
GRANT SELECT, DELETE ON pictures TO {{account}};
GRANT SELECT, INSERT ON events TO {{account}};
GRANT SELECT (id, letter, user_id, address, state, created_at, due_at, done_at, claim, tries, answer),
	INSERT, UPDATE (state, due_at, done_at, tries, doubts), DELETE ON outbox TO {{account}};
-- A member's copy of it all, and the end of an account with what hangs on it.
GRANT SELECT, DELETE, UPDATE (favorites_count) ON articles TO {{account}};
GRANT SELECT ON article_bodies TO {{account}};
GRANT SELECT ON article_tags TO {{account}};
GRANT SELECT, DELETE, UPDATE (articles_count) ON tags TO {{account}};
GRANT SELECT, UPDATE (n) ON totals TO {{account}};
GRANT SELECT, UPDATE (favorites_count) ON writers TO {{account}};
GRANT SELECT ON favorites TO {{account}};
GRANT SELECT ON follows TO {{account}};
GRANT SELECT ON comments TO {{account}};
GRANT SELECT (id, user_id, description, name, type, size, sha256, uploading, created_at) ON files TO {{account}};

-- class content
-- The whole of `users`, which holds nothing that others may not know: where single columns are granted, the server
-- keeps no answer in its query cache.
GRANT SELECT ON users TO {{account}};
GRANT SELECT (id, user_id, hash, remembered, created_at, authenticated_at, last_seen_at, expires_at, ended_at),
	UPDATE (last_seen_at) ON sessions TO {{account}};
GRANT SELECT (id, user_id, hash, scopes, expires_at, last_used_at),
	UPDATE (last_used_at) ON personal_tokens TO {{account}};
GRANT SELECT ON groups TO {{account}};
GRANT SELECT ON group_members TO {{account}};
GRANT SELECT (user_id, name, data) ON pictures TO {{account}};
GRANT INSERT ON events TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON articles TO {{account}};
GRANT SELECT, INSERT, UPDATE ON article_bodies TO {{account}};
GRANT SELECT, INSERT, DELETE ON article_tags TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON tags TO {{account}};
GRANT SELECT, UPDATE (n) ON totals TO {{account}};
GRANT SELECT, INSERT, UPDATE ON writers TO {{account}};
GRANT SELECT, INSERT, DELETE ON favorites TO {{account}};
GRANT SELECT, INSERT, DELETE ON follows TO {{account}};
GRANT SELECT, INSERT, DELETE ON comments TO {{account}};
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO {{account}};
GRANT SELECT, INSERT, DELETE,
	UPDATE (description, name, type, size, sha256, uploading, links, created_at, touched_at) ON files TO {{account}};
GRANT SELECT, INSERT ON file_chunks TO {{account}};

-- class gate
-- Whole tables, for the query cache.
GRANT SELECT ON users TO {{account}};
GRANT SELECT ON addresses TO {{account}};
GRANT SELECT, UPDATE (last_seen_at) ON sessions TO {{account}};
GRANT SELECT, UPDATE (last_used_at) ON personal_tokens TO {{account}};
GRANT SELECT ON groups TO {{account}};
GRANT SELECT ON group_members TO {{account}};

-- class pictures
GRANT SELECT, UPDATE (image) ON users TO {{account}};
GRANT SELECT (id, user_id, hash, remembered, created_at, authenticated_at, last_seen_at, expires_at, ended_at),
	UPDATE (last_seen_at) ON sessions TO {{account}};
GRANT SELECT (id, user_id, hash, scopes, expires_at, last_used_at),
	UPDATE (last_used_at) ON personal_tokens TO {{account}};
GRANT SELECT ON groups TO {{account}};
GRANT SELECT ON group_members TO {{account}};
GRANT SELECT, INSERT, UPDATE, DELETE ON pictures TO {{account}};

-- class mail
GRANT SELECT (id, username, locked) ON users TO {{account}};
GRANT SELECT (user_id, email, email_key, email_confirmed_at) ON addresses TO {{account}};
GRANT SELECT, INSERT, UPDATE ON one_time_tokens TO {{account}};
GRANT SELECT, UPDATE (id, told, state, due_at, done_at, claim, tries, doubts, answer),
	DELETE ON outbox TO {{account}};
GRANT SELECT ON mailings TO {{account}};
GRANT SELECT ON mailing_files TO {{account}};
