/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "conf_table.h"

#include <stdio.h>

/* For conf.c alone. */

/* The memory of settings: it lives as long as the process. */
struct mem *conf_kept(void);

/*
 * Take a value; a relative path begins in `base`. Returns NULL, or what is wrong with it ("must
 * be …").
 */
const char *
conf_assign(struct conf *c, const struct setting *s, const char *base, const char *value);

/* The value in force of a setting that is text. */
const char *conf_text(const struct conf *c, const struct setting *s);

/* Print a value in force as a line, as it would be written in a file; a secret as ****. */
void conf_show(const struct conf *c, const struct setting *s, FILE *to);
