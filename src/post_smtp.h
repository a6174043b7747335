/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"

#include <stdio.h>

/* A connection to a mail server, by libcurl; for post*.c. */
struct smtp;

/* What is wrong with mail.server and what goes with it, one line; NULL: nothing. */
const char *smtp_check(const struct conf *conf);

/* Bid the server farewell. */
void smtp_close(struct smtp *s);
