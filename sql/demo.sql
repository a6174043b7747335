-- SPDX-License-Identifier: ISC
-- Four members for `make run`, each with the password postern-demo; the first is an admin. Run again, it
-- changes nothing.
INSERT IGNORE INTO users (username, username_key, email, email_key, bio, image, role, created_at, updated_at)
VALUES
	('Govardhan', 'govardhan', 'govardhan@example.org', 'govardhan@example.org', 'Keeps the side door.', NULL, 'admin', NOW(3), NOW(3)),
	('Dathu', 'dathu', 'dathu@example.org', 'dathu@example.org', NULL, NULL, 'member', NOW(3), NOW(3)),
	('BhanBot', 'bhanbot', 'bhanbot@example.org', 'bhanbot@example.org', 'A script with an account.', NULL, 'member', NOW(3), NOW(3)),
	('Varma', 'varma', 'varma@example.org', 'varma@example.org', NULL, NULL, 'member', NOW(3), NOW(3));
INSERT IGNORE INTO credentials (user_id, hash, changed_at)
SELECT id, '$2b$12$KdfZEVf7X65m6XUC7JETsOz5xs9vrDioSZacgwX9QTrJYSxj/cHKW', NOW(3)
FROM users WHERE username_key IN ('govardhan', 'dathu', 'bhanbot', 'varma');
