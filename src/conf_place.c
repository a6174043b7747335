/* SPDX-License-Identifier: ISC */
/* conf_place: where postern.conf and the installed folders are looked for. Owns the order of
 * places; reads nothing. */
#include "conf_place.h"

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `name` beside the program, or up to so many folders above. */
static bool
beside(char path[PATH_MAX], const char *name, int above)
{
	char here[PATH_MAX], try[PATH_MAX + NAME_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);

	if (n < 0)
		log_die("/proc is not there: set POSTERN_CONFIG");
	here[n] = '\0';
	for (int up = 0; up <= above && (slash = strrchr(here, '/')) != NULL; up++) {
		*slash = '\0';
		snprintf(try, sizeof try, "%s/%s", here, name);
		if (realpath(try, path) != NULL)
			return true;
	}
	return false;
}

bool
conf_near(char path[PATH_MAX], const char *name)
{
	char shared[NAME_MAX];

	snprintf(shared, sizeof shared, "share/postern/%s", name);
	return beside(path, name, 2) || beside(path, shared, 2);
}

void
conf_place(char path[PATH_MAX], char folder[PATH_MAX])
{
	const char *named = getenv("POSTERN_CONFIG");

	if (named != NULL && realpath(named, path) == NULL)
		log_die("%s: cannot be read (%s); POSTERN_CONFIG names it", named, strerror(errno));
	if (named == NULL && realpath("/etc/postern/postern.conf", path) == NULL &&
		!beside(path, "postern.conf", 1))
		log_die("no postern.conf: not in /etc/postern, nor beside or above the program; "
			"POSTERN_CONFIG can name it");
	memcpy(folder, path, PATH_MAX);
	*strrchr(folder, '/') = '\0';
}
