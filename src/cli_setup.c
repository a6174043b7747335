/* SPDX-License-Identifier: ISC */
/* cli_setup: postern setup: a script, for it is settings, commands and the machine's own services,
 * and nothing of a database by itself (systemd/setup.sh). */
#include "cli.h"

#include "conf_place.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
cli_setup(struct cli *c)
{
	char script[PATH_MAX], self[PATH_MAX] = "", **words;
	static char shell[] = "/bin/bash";

	if (!conf_near(script, "systemd/setup.sh"))
		return cli_fail("systemd/setup.sh is not there: make install puts it into "
				"share/postern");
	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		return cli_fail("/proc is not there");
	words = mem_get(c->mem, ((size_t)c->argc + 4) * sizeof *words);
	words[0] = shell;
	words[1] = script;
	words[2] = self;
	for (int i = 0; i < c->argc; i++)
		words[3 + i] = c->argv[i];
	execv(shell, words);
	return cli_fail("%s: %s", shell, strerror(errno));
}
