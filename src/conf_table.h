/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum setting_type {
	TEXT_,   /* as it stands */
	FILE_,   /* a path, made absolute */
	COLOUR,  /* #rrggbb */
	ORIGINS, /* http and https addresses without a path, as browsers write them; one at least,
		    or where `least` is 0 also none, and * unless `most` is 1 */
	NAMES, /* words of letters, digits, _ - and . between blanks or commas; kept with one blank
		  between them */
	PUBLISHERS, /* member, admin, or group:NAME */
	DOMAIN_,    /* a domain name, or "" */
	INT_,       /* within least and most */
	DURATION,   /* 90, 15m, 12h, 7d: seconds within least and most */
	DAYS,       /* whole days within least and most, kept as seconds */
	SWITCH,     /* on or off, kept as 1 or 0 */
	RATE,       /* 10/5m, a struct rate; or off */
	WORDS, /* some of setting_words(), `most` of them at most; kept as bits, the first word is 1
		*/
};

enum setting_flag {
	PLAIN,
	SECRET, /* only in CLASS.conf or the environment, printed as **** */
	TESTING /* refused unless POSTERN_TEST=1 is in the environment */
};

/* Packed, for every program holds them all. */
struct setting {
	const char *name; /* section.name; behind its NUL the default, and the help: see below */
	enum setting_type type : 8;
	enum setting_flag flag : 8;
	unsigned at : 16; /* of its value in struct conf: a text, a long or a rate */
	int least, most;  /* most below least: no upper bound */
};

enum {
	SETTINGS_MAX = 128
};

/* All settings, for conf.c alone; ends with a row whose name is NULL. */
extern const struct setting settings[];

/* The default, as in postern.conf. */
const char *setting_value(const struct setting *s);

/* What it is for, a line; "" in programs. */
const char *setting_help(const struct setting *s);

/* The words that a setting of the type WORDS may hold, separated by blanks. */
const char *setting_words(const struct setting *s);

struct rate;

/* The value of a RATE: "N/duration" with at most one in a millisecond, "off" or "0". False if the
 * text is anything else. */
bool conf_rate(const char *value, struct rate *out);
