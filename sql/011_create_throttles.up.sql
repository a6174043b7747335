-- SPDX-License-Identifier: ISC
-- Leaky buckets, shared by all workers: what is counted, as the SHA-256 of its kind and its value, and when
-- its bucket will be full of tries again. A row of the past says nothing any more.
CREATE TABLE IF NOT EXISTS throttles (
	subject BINARY(32)  NOT NULL PRIMARY KEY,
	full_at DATETIME(3) NOT NULL,
	KEY throttles_full (full_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;
