/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

/*
 * The grounds on which text in the accent colour contrasts least, in light and in dark: --page and
 * --surface of static/style.css, of which the unit test makes sure.
 */
#define THEME_LIGHT "#f6f4ee"
#define THEME_DARK  "#1d2325"

/*
 * One line of CSS, in request memory, that sets --accent, --on-accent and --link for light and for
 * dark from the colour `accent`, "#rrggbb". The accent is darkened or lightened until it contrasts
 * by 4.5:1 with the ground (WCAG 2.2, 1.4.3); what stands on it is black or white, whichever
 * contrasts more. It needs no escaping in HTML. NULL if `accent` is no such colour.
 */
const char *theme_css(struct mem *m, const char *accent);
