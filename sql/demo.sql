-- SPDX-License-Identifier: ISC
-- Four members for `make run`, each with the password postern-demo; the first is an admin. Run again, it
-- changes nothing.
INSERT IGNORE INTO users (username, username_key, bio, image, role, created_at, updated_at)
VALUES
	('Govardhan', 'govardhan', 'Keeps the side door.', NULL, 'admin', NOW(3), NOW(3)),
	('Dathu', 'dathu', NULL, NULL, 'member', NOW(3), NOW(3)),
	('BhanBot', 'bhanbot', 'A script with an account.', NULL, 'member', NOW(3), NOW(3)),
	('Varma', 'varma', NULL, NULL, 'member', NOW(3), NOW(3));
INSERT IGNORE INTO addresses (user_id, email, email_key)
SELECT id, CONCAT(username_key, '@example.org'), CONCAT(username_key, '@example.org')
FROM users WHERE username_key IN ('govardhan', 'dathu', 'bhanbot', 'varma');
INSERT IGNORE INTO credentials (user_id, hash, changed_at)
SELECT id, '$2b$12$KdfZEVf7X65m6XUC7JETsOz5xs9vrDioSZacgwX9QTrJYSxj/cHKW', NOW(3)
FROM users WHERE username_key IN ('govardhan', 'dathu', 'bhanbot', 'varma');
