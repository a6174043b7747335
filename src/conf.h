/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Bits of settings that are words, in the order of conf_table.c; those of cors.methods are
 * http.h's. */
enum {
	REGISTRATION_OPEN = 1,
	REGISTRATION_CONFIRM = 2,
	REGISTRATION_APPROVE = 4,
	REGISTRATION_INVITE = 8,
	REGISTRATION_CLOSED = 16,
	CONFIRM_OFF = 1,
	CONFIRM_ASK = 2,
	CONFIRM_REQUIRE = 4,
	LOCATION_HEADER = 1,
	LOCATION_QUERY = 2,
	LOCATION_FORM = 4,
	REVOCATION_NORMAL = 1,
	REVOCATION_STRICT = 2,
	MAIL_FILE = 1,
	MAIL_SMTP = 2,
	MAIL_SENDMAIL = 4,
	STARTTLS_REQUIRE = 1,
	STARTTLS_TRY = 2,
	STARTTLS_OFF = 4,
};

/* What a site may leave out; conf.features says whether it is there. */
enum feature {
	FEATURE_NONE, /* belongs to no feature, though all under /api is part of FEATURE_API */
	FEATURE_API,
	FEATURE_ARTICLES,
	FEATURE_COMMENTS, /* of articles, so it needs these too */
	FEATURE_FOLLOW,
	FEATURE_FILES,
	FEATURE_COUNT,
	FEATURE_FEED,   /* needs articles and following */
	FEATURE_ALWAYS, /* is there even without FEATURE_API */
};

/* A limit: `most` at once, and as many again in each `seconds`. */
struct rate {
	long most; /* 0 = no limit */
	long seconds;
};

/*
 * The settings in force. Read once at start, never changed after; strings live as long as the
 * process. Files named by a setting are absolute: a relative one is taken from the folder of
 * postern.conf.
 */
struct conf {
	const char *site_name;
	const char *site_urls; /* separated by blanks, the first is the public one */
	const char *site_tagline, *site_logo, *site_footer, *site_contact; /* "" = none */
	const char *site_accent;                                           /* #rrggbb */
	const char *site_templates;              /* the owner's folder, or "" */
	long site_registration;                  /* one of the REGISTRATION_ bits */
	long site_confirm;                       /* see conf_confirm */
	const char *site_mail_domains;           /* between blanks, or "" */
	const char *site_publish;                /* member, admin or group:NAME */
	const char *site_time_zone;              /* as in /usr/share/zoneinfo */
	long site_external_images;               /* 1 = pictures of other sites in texts */
	long features[FEATURE_COUNT];            /* 1 = on */
	const char *cors_origins;                /* between blanks; "" = none, or "*" */
	long cors_methods;                       /* bits of enum method */
	const char *cors_headers, *cors_exposed; /* between blanks */
	long cors_credentials, cors_max_age;
	const char *gate_sites;                            /* addresses between blanks, or "" */
	long session_idle, session_life, session_remember; /* seconds */
	const char *cookie_domain;                         /* or "" */
	const char *database_socket, *database_host, *database_name;
	const char *database_user, *database_password;
	long database_port;
	const char *token_keys, *token_public_keys, *token_refresh_key, *token_share_key;
	long token_access, token_refresh, token_user, token_leeway; /* seconds */
	const char *token_audience;                                 /* or "" */
	long token_locations;                                       /* LOCATION_ bits */
	long token_revocation;
	long token_memory; /* entries */
	long password_cost;
	const char *password_locks;
	long password_wait;               /* seconds to wait for a hashing slot */
	bool patient;                     /* the owner's tool: an ALTER TABLE may take its time */
	long limits_body, limits_picture; /* bytes */
	long limits_file, limits_files;   /* bytes; of all of a member */
	struct rate limits_account, limits_address, limits_pair; /* of tries at passwords */
	struct rate limits_register, limits_refresh, limits_forgot;
	long mail_transport, mail_starttls;    /* one of their bits */
	const char *mail_from, *mail_reply_to; /* or "" */
	const char *mail_server, *mail_user, *mail_password, *mail_ca;
	const char *mail_folder, *mail_sendmail;
	long mail_connect, mail_timeout, mail_give_up; /* seconds */
	const char *mail_key;
	long tidy_mails, tidy_sessions, tidy_events, tidy_unconfirmed; /* seconds */
	long tidy_uploads;                                             /* seconds */
	const char *metrics_folder, *metrics_key;                      /* or "" */
	long test_cost; /* 0 = none; else instead of password_cost */
};

/*
 * Read the settings for a program of `class` ("credentials", "content", …, "mail", "owner"):
 * defaults, then postern.conf (named by POSTERN_CONFIG, else /etc/postern/postern.conf, else
 * postern.conf beside or above the program), then CLASS.conf in the same folder, then
 * POSTERN_SECTION_NAME of the environment. An unknown name, a bad value, a secret in postern.conf
 * or a class file that others may read ends the program with one line.
 */
const struct conf *conf_load(const char *class);

/*
 * The database account that CLASS.conf names, for the owner's grants: false if there is no such
 * file or it names none.
 */
bool conf_account(const char *class, const char **user, const char **password);

/* The public address of the site: the first of site.urls; lives on. */
const char *conf_issuer(const struct conf *conf);

/* What becomes of an address that nobody has confirmed, a CONFIRM_ bit: registration = confirm is
 * short for open with confirm = require. */
long conf_confirm(const struct conf *conf);

/* Print every setting, or that of this name, as `section.name = value`, secrets as `****`, with its
 * help as a comment. False if there is none. */
bool conf_print(const struct conf *conf, const char *name, FILE *to);
