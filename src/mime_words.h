/* SPDX-License-Identifier: ISC */
#pragma once

/* Texts and mailboxes in headers; for mime*.c alone. */

#include "mime.h"

#include <stdio.h>

/* True for UTF-8 without line breaks and other control characters. */
bool mime_plain(const char *text);

/*
 * Each begins with a blank, goes on in new lines where one is full, and stands behind `column`
 * characters of the present one.
 */
void mime_put_text(FILE *f, const char *text, size_t column);
void mime_put_box(FILE *f, const struct mime_box *box, size_t column);
