/* SPDX-License-Identifier: ISC */
#pragma once

/* The memory of a group of tests: cmocka_run_group_tests(tests, up, down). */

#include "child.h"
#include "mem.h"

static struct mem *m;

static int
up(void **state)
{
	(void)state;
	m = mem_new();
	return 0;
}

static int
down(void **state)
{
	(void)state;
	mem_free(m);
	return 0;
}
