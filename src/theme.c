/* SPDX-License-Identifier: ISC */
/*
 * theme: the site's accent colour as CSS that can be read in light and in dark, by the relative
 * luminance and the contrast ratio of WCAG 2.2. Knows no setting and no page.
 */
#include "theme.h"

#include "text.h"

#include <stdint.h>
#include <string.h>

#define ENOUGH 4.5
#define STEPS  256

struct colour {
	uint8_t part[3]; /* red, green, blue */
};

static const struct colour black = { { 0, 0, 0 } }, white = { { 255, 255, 255 } };

static bool
parse(struct colour *colour, const char *s)
{
	return s[0] == '#' && text_unhex(colour->part, sizeof colour->part, s + 1, strlen(s + 1));
}

/* x to the power of 2.4 = x² times the fifth root of x², by Newton: pow() would want libm. */
static double
power(double x)
{
	double square = x * x, root = 1;

	for (int i = 0; i < 24; i++)
		root = (4 * root + square / (root * root * root * root)) / 5;
	return square * root;
}

static double
linear(uint8_t part)
{
	double c = part / 255.0;

	return c <= 0.04045 ? c / 12.92 : power((c + 0.055) / 1.055);
}

static double
luminance(struct colour c)
{
	return 0.2126 * linear(c.part[0]) + 0.7152 * linear(c.part[1]) + 0.0722 * linear(c.part[2]);
}

static double
contrast(struct colour a, struct colour b)
{
	double one = luminance(a) + 0.05, other = luminance(b) + 0.05;

	return one > other ? one / other : other / one;
}

/* `step` of STEPS of the way from the part `from` to `to`. */
static uint8_t
between(int from, int to, int step)
{
	return (uint8_t)(from + (to - from) * step / STEPS);
}

static struct colour
darker(struct colour c, int step)
{
	for (int i = 0; i < 3; i++)
		c.part[i] = between(c.part[i], 0, step);
	return c;
}

/* All parts grow in proportion until one is full, so that the hue stays; from there on to white. */
static struct colour
lighter(struct colour c, int step)
{
	int most = 1, to;

	for (int i = 0; i < 3; i++)
		if (c.part[i] > most)
			most = c.part[i];
	for (int i = 0; i < 3; i++) {
		to = c.part[i] * 255 / most;
		c.part[i] = step <= STEPS ? between(c.part[i], to, step)
					  : between(to, 255, step - STEPS);
	}
	return c;
}

/* The end of both ways, black and white, contrasts with the ground by far more than enough. */
static struct colour
readable(struct colour accent, struct colour (*change)(struct colour, int), const char *ground)
{
	struct colour on, c = accent;

	parse(&on, ground);
	for (int step = 0; step <= 2 * STEPS && contrast(c, on) < ENOUGH; step++)
		c = change(accent, step);
	return c;
}

static const char *
root(struct mem *m, struct colour c)
{
	const char *on = contrast(c, black) > contrast(c, white) ? "#000000" : "#ffffff";
	char hex[7];

	text_hex(hex, c.part, sizeof c.part);
	return mem_print(m, ":root{--accent:#%s;--on-accent:%s;--link:#%s}", hex, on, hex);
}

const char *
theme_css(struct mem *m, const char *accent)
{
	struct colour c;

	if (!parse(&c, accent))
		return NULL;
	return mem_print(m, "%s@media(prefers-color-scheme:dark){%s}",
		root(m, readable(c, darker, THEME_LIGHT)),
		root(m, readable(c, lighter, THEME_DARK)));
}
