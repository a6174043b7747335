-- SPDX-License-Identifier: ISC
ALTER TABLE events
	DROP FOREIGN KEY IF EXISTS events_actor,
	DROP KEY IF EXISTS events_actor,
	DROP COLUMN IF EXISTS by_other,
	DROP COLUMN IF EXISTS actor_id;
