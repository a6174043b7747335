/* SPDX-License-Identifier: ISC */
/*
 * agent: a short name of a browser or program for its owner. Owns the marks by which the common
 * ones are known; they all name each other, so the order of the rows decides. Nothing but a name on
 * a page hangs on it: a User-Agent may claim anything.
 */
#include "agent.h"

#include <string.h>

struct mark {
	const char *mark, *name;
};

static const struct mark programs[] = {
	{ "Edg/", "Edge" },
	{ "EdgA/", "Edge" },
	{ "EdgiOS/", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Vivaldi/", "Vivaldi" },
	{ "Firefox/", "Firefox" },
	{ "FxiOS/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "HeadlessChrome/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
	{ "w3m/", "w3m" },
	{ "Lynx/", "Lynx" },
	{ "curl/", "curl" },
	{ "Wget/", "Wget" },
	{ "python-requests/", "Python" },
	{ "Python-urllib/", "Python" },
	{ "python-httpx/", "Python" },
	{ "Go-http-client/", "Go" },
	{ "okhttp/", "okhttp" },
	{ "PostmanRuntime/", "Postman" },
	{ "postern", "Postern tool" },
	{ NULL, NULL },
};

static const struct mark systems[] = {
	{ "iPhone", "iPhone" },
	{ "iPad", "iPad" },
	{ "Android", "Android" },
	{ "CrOS", "ChromeOS" },
	{ "Windows", "Windows" },
	{ "Macintosh", "Mac" },
	{ "FreeBSD", "FreeBSD" },
	{ "OpenBSD", "OpenBSD" },
	{ "Linux", "Linux" },
	{ NULL, NULL },
};

static const char *
known(const struct mark *marks, const char *agent)
{
	for (; marks->mark != NULL; marks++)
		if (strstr(agent, marks->mark) != NULL)
			return marks->name;
	return NULL;
}

const char *
agent_name(struct mem *m, const char *agent)
{
	const char *program = known(programs, agent), *system = known(systems, agent);

	if (program == NULL)
		return "Unknown device";
	return system != NULL ? mem_print(m, "%s on %s", program, system) : program;
}
