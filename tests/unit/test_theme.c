/* SPDX-License-Identifier: ISC */
/* theme: accents that can be read in light and in dark, and what is no colour. */
#include "theme.h"

#include "child.h"
#include "text.h"

#include <math.h>

/* Relative luminance as WCAG 2.2 words it, by libm: not the way that theme.c goes. */
static double
luminance(const char *hex)
{
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;
	uint8_t part[3];

	assert_true(text_unhex(part, 3, hex + 1, 6));
	for (int i = 0; i < 3; i++) {
		double c = part[i] / 255.0;

		sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double
contrast(const char *a, const char *b)
{
	double one = luminance(a), other = luminance(b);

	return (fmax(one, other) + 0.05) / (fmin(one, other) + 0.05);
}

/* The value behind `name` in one scheme's half of the line. */
static void
value(char to[8], const char *css, const char *name)
{
	const char *at = strstr(css, name);

	assert_non_null(at);
	memcpy(to, at + strlen(name), 7);
	to[7] = '\0';
	assert_true(to[0] == '#' && strlen(to) == 7);
}

static void
check_scheme(const char *css, const char *ground)
{
	char accent[8], on[8], link[8];

	value(accent, css, "--accent:");
	value(on, css, "--on-accent:");
	value(link, css, "--link:");
	if (contrast(accent, ground) < 4.5 || contrast(link, ground) < 4.5)
		fail_msg("%s and %s on %s", accent, link, ground);
	if (contrast(on, accent) < 4.5)
		fail_msg("%s on %s", on, accent);
	assert_true(strcmp(on, "#000000") == 0 || strcmp(on, "#ffffff") == 0);
	assert_true(contrast(on, accent) >=
		contrast(strcmp(on, "#000000") == 0 ? "#ffffff" : "#000000", accent));
}

static void
check_accent(struct mem *m, const char *accent)
{
	static const char dark[] = "@media(prefers-color-scheme:dark){";
	const char *css = theme_css(m, accent), *half;

	assert_non_null(css);
	half = strstr(css, dark);
	assert_non_null(half);
	assert_null(strpbrk(css, "&<>\"'\n")); /* nothing that HTML would escape */
	check_scheme(css, THEME_LIGHT);
	check_scheme(half + strlen(dark), THEME_DARK);
}

static void
readable(void **state)
{
	static const char *const known[] = { "#ffffff", "#000000", "#ffff00", "#777777", "#767676",
		"#ff0000", "#00ff00", "#0000ff", "#2f6f5e", "#D81B60", "#010000", "#fefefe",
		"#123456" };
	struct mem *m = mem_new();
	char accent[8] = "#";

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		check_accent(m, known[i]);
	for (int i = 0; i < 16 * 16 * 16; i++) {
		uint8_t part[3] = { (uint8_t)((i >> 8) * 17), (uint8_t)((i >> 4 & 15) * 17),
			(uint8_t)((i & 15) * 17) };

		text_hex(accent + 1, part, 3);
		check_accent(m, accent);
		mem_drop(m);
	}
	mem_free(m);
}

/* A colour that can be read stays as it is; one that cannot goes no further than it must. */
static void
unchanged(void **state)
{
	struct mem *m = mem_new();
	char light[8], dark[8];
	const char *css = theme_css(m, "#2F6F5E");

	(void)state;
	assert_ptr_equal(
		strstr(css, ":root{--accent:#2f6f5e;--on-accent:#ffffff;--link:#2f6f5e}"), css);
	css = theme_css(m, "#ffff00");
	assert_non_null(
		strstr(css, "dark){:root{--accent:#ffff00;--on-accent:#000000;--link:#ffff00}}"));
	css = theme_css(m, "#777777");
	value(light, css, "--accent:");
	value(dark, strchr(css, '}'), "--accent:");
	assert_true(contrast(light, THEME_LIGHT) < 4.6);
	assert_true(contrast(dark, THEME_DARK) < 4.6);
	mem_free(m);
}

static void
refused(void **state)
{
	static const char *const bad[] = { "", "#", "red", "#12345", "#12345g", "#1234567",
		"123456", "1234567", "#fff", " #123456", "#123456 ", "#-12345", "##12345",
		"#12345\xc3", "rgb(0,0,0)" };
	struct mem *m = mem_new();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (theme_css(m, bad[i]) != NULL)
			fail_msg("%s was taken", bad[i]);
	mem_free(m);
}

/* What the stylesheet says must be what the accents are made for. */
static void
stylesheet(void **state)
{
	static char css[65536];
	struct mem *m = mem_new();
	char accent[8];
	const char *dark;
	FILE *f = fopen("static/style.css", "r");

	(void)state;
	assert_non_null(f);
	assert_true(fread(css, 1, sizeof css - 1, f) > 0);
	fclose(f);
	dark = strstr(css, "@media (prefers-color-scheme: dark)");
	assert_non_null(dark);
	assert_true(strstr(css, "--page: " THEME_LIGHT ";") < dark);
	assert_non_null(strstr(css, "--page: " THEME_LIGHT ";"));
	assert_non_null(strstr(dark, "--surface: " THEME_DARK ";"));
	value(accent, css, "--accent: ");
	check_accent(m, accent);
	value(accent, dark, "--accent: ");
	assert_non_null(strstr(strstr(theme_css(m, "#2f6f5e"), "dark"), accent));
	mem_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readable),
		cmocka_unit_test(unchanged),
		cmocka_unit_test(refused),
		cmocka_unit_test(stylesheet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
