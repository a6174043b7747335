/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum setting_type {
	TEXT_,   /* as it stands */
	FILE_,   /* a path, made absolute */
	COLOUR,  /* #rrggbb */
	ORIGINS, /* http and https addresses without a path, as browsers write them; one at least */
	DOMAIN_, /* a domain name, or "" */
	INT_,    /* within least and most */
	DURATION, /* 90, 15m, 12h, 7d: seconds within least and most */
	DAYS,     /* whole days within least and most, kept as seconds */
	RATE,     /* 10/5m, a struct rate; or off */
};

enum setting_flag {
	PLAIN,
	SECRET, /* only in CLASS.conf or the environment, printed as **** */
	TESTING /* refused unless POSTERN_TEST=1 is in the environment */
};

struct setting {
	const char *name; /* section.name */
	enum setting_type type;
	enum setting_flag flag;
	size_t at;         /* of its value in struct conf: a text, a long or a struct rate */
	const char *value; /* the default */
	long least, most;
	const char *help;
};

enum {
	SETTINGS_MAX = 64
};

/* All settings, for conf.c alone; ends with a row whose name is NULL. */
extern const struct setting settings[];

struct rate;

/* The value of a RATE: "N/duration" with at most one in a millisecond, "off" or "0". False if the
 * text is anything else. */
bool conf_rate(const char *value, struct rate *out);
