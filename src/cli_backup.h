/* SPDX-License-Identifier: ISC */
#pragma once

#include "cli.h"

/*
 * A backup is a text: BACKUP_MARK, a line of JSON {made, version, steps, parts}, the database as
 * mariadb-dump writes it, and as its last line BACKUP_END with the SHA-256 of all before it. To
 * MariaDB all but the dump are comments. Encrypted, it is such a text within a file of age(1).
 */
#define BACKUP_MARK "-- postern backup 1\n-- "
#define BACKUP_END  "-- sha256 "

enum {
	BACKUP_LAST = sizeof BACKUP_END - 1 + 64 + 1, /* bytes of the last line */
	BACKUP_PIECE = 64 << 10,
};

/* A file of keys that goes along. */
struct part {
	const char *name; /* of the setting that says where it is */
	size_t at;        /* in struct conf */
	mode_t mode;
	const char *class; /* that reads it, or NULL */
};
extern const struct part backup_parts[];

/* Where the file of a part is. */
const char *backup_place(const struct conf *conf, const struct part *part);
