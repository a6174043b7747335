-- SPDX-License-Identifier: ISC
-- Who did it, if it was not the member: an admin. by_other stays true when that admin's account goes, so that
-- the address it was done from is still nobody's business.
ALTER TABLE events
	ADD COLUMN IF NOT EXISTS actor_id BIGINT UNSIGNED NULL AFTER user_id,
	ADD COLUMN IF NOT EXISTS by_other BOOLEAN NOT NULL DEFAULT FALSE AFTER actor_id,
	ADD KEY IF NOT EXISTS events_actor (actor_id),
	ADD CONSTRAINT events_actor FOREIGN KEY IF NOT EXISTS (actor_id) REFERENCES users (id) ON DELETE SET NULL;
