/* SPDX-License-Identifier: ISC */
/* post_smtp_check: whether the settings name a mail server, and keep its password from others. */
#include "post_smtp.h"

#include <string.h>

/* The host in mail.server, and what follows it; NULL if it is none. */
static const char *
host_of(const char *server, size_t *length)
{
	const char *host;

	if (strncmp(server, "smtp://", 7) != 0 && strncmp(server, "smtps://", 8) != 0)
		return NULL;
	host = strstr(server, "://") + 3;
	*length = strspn(host,
		*host == '[' ? "[]0123456789abcdefABCDEF:."
			     : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789-.");
	return *length > 0 ? host : NULL;
}

static bool
is_here(const char *host, size_t n)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == n && strncmp(names[i], host, n) == 0)
			return true;
	return false;
}

const char *
smtp_check(const struct conf *conf)
{
	size_t n;
	const char *host = host_of(conf->mail_server, &n), *port;

	if (host == NULL)
		return "mail.server must be smtp://HOST:PORT or smtps://HOST:PORT";
	port = host + n;
	if (*port != '\0' &&
		(*port != ':' || port[1] == '\0' ||
			port[1 + strspn(port + 1, "0123456789")] != '\0'))
		return "mail.server must end in its host or port";
	if (*conf->mail_user != '\0' && *conf->mail_password == '\0')
		return "mail.password is missing: it belongs in mail.conf, below [mail]";
	if (*conf->mail_user != '\0' && conf->mail_server[4] == ':' &&
		conf->mail_starttls != STARTTLS_REQUIRE && !is_here(host, n))
		return "mail.starttls must be require, for mail.password would travel in the clear";
	return NULL;
}
