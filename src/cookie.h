/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>

/* Where a cookie counts: what its name and its attributes follow from. */
struct cookie_place {
	bool https;
	const char *domain; /* shared by sub-domains; "" = this host alone */
	const char *port;   /* of the server, for hosts without TLS: cookies ignore ports */
};

enum {
	COOKIE_SESSION = 0, /* life: until the browser is closed */
	COOKIE_REMOVE = -1  /* life: the browser shall forget it */
};

/*
 * The full name of the cookie `what` (RFC 6265bis section 4.1.3): __Host-what over TLS,
 * __Secure-what there with a domain, else what-PORT.
 */
const char *cookie_name(struct mem *m, const char *what, const struct cookie_place *place);

/* The value of the first cookie `name` in a Cookie header, in `m`; NULL if there is none. */
const char *cookie_get(struct mem *m, const char *header, const char *name);

/* Whether a Cookie header holds two different values of this name: nobody can say whose they are.
 */
bool cookie_twice(struct mem *m, const char *header, const char *name);

/*
 * The value of a Set-Cookie header: Path=/, HttpOnly, SameSite=Lax, Secure over TLS. `life` in
 * seconds, or one of the two above. `value` is of base64url's alphabet and dots.
 */
const char *cookie_set(struct mem *m, const char *what, const char *value, long life,
	const struct cookie_place *place);
