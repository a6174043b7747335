/* SPDX-License-Identifier: ISC */
/* auth: the gate, which a web server asks whom it may let in (nginx/gate.conf). */
#include "gate.h"
#include "serve.h"

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, NULL, GATE, NULL, NULL, NULL, gate_find, 204, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "auth", "gate", routes, .gate = &gate_steps });
}
