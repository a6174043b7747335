/* SPDX-License-Identifier: ISC */
/*
 * fuzz_conf: the settings, postern.conf and behind a NUL credentials.conf. A bad file ends the
 * program, so log_die is replaced by a jump out, and conf.c and conf_value.c are parts of this one:
 * its memory lives as long as a process that reads once.
 */
#include "fuzz.h"

#include <setjmp.h>

static jmp_buf out;
static char said[4096];

_Noreturn __attribute__((format(printf, 1, 2))) static void die(const char *format, ...);

#define log_die die
#include "../../src/conf.c"       /* NOLINT(bugprone-suspicious-include): see above */
#include "../../src/conf_value.c" /* NOLINT(bugprone-suspicious-include) */

static void
die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(said, sizeof said, format, ap);
	va_end(ap);
	longjmp(out, 1);
}

static char own[] = "/dev/shm/postern-fuzz-XXXXXX", paths[2][64];

static void
clean(void)
{
	remove(paths[0]);
	remove(paths[1]);
	rmdir(own);
}

/* Write a file anew; returns its path. */
static const char *
put(const char *name, const void *bytes, size_t size)
{
	char *path = paths[*name == 'p'];
	FILE *file;

	if (own[strlen(own) - 1] == 'X' && (mkdtemp(own) == NULL || atexit(clean) != 0))
		abort();
	snprintf(path, sizeof paths[0], "%s/%s", own, name);
	remove(path);
	file = fopen(path, "w");
	HOLDS(file != NULL && fwrite(bytes, 1, size, file) == size);
	HOLDS(fchmod(fileno(file), 0400) == 0 && fclose(file) == 0);
	return path;
}

static void
setting_holds(const struct conf *c, const struct setting *s)
{
	struct conf copy = *c;
	const char *text;
	long n;

	if (s->type == INT_ || s->type == DURATION || s->type == DAYS) {
		n = *number_at(&copy, s) / (s->type == DAYS ? DAY : 1);
		HOLDS(s->flag == TESTING ? n == 0
					 : n >= s->least && (n <= s->most || s->most < s->least));
		return;
	}
	if (s->type == WORDS) {
		n = *number_at(&copy, s);
		HOLDS(n > 0 && n < 1L << 8 && __builtin_popcountl((unsigned long)n) <= s->most);
		return;
	}
	if (s->type == RATE) {
		const struct rate *rate = rate_at(&copy, s);

		HOLDS(rate->most == 0 || (rate->most > 0 && rate->seconds > 0));
		return;
	}
	if (s->type == SWITCH) {
		n = *number_at(&copy, s);
		HOLDS(n == 0 || n == 1);
		return;
	}
	text = *text_at(&copy, s);
	HOLDS(fuzz_utf8(text, strlen(text)) && strpbrk(text, "\n\r\033") == NULL);
	if (s->type == FILE_)
		HOLDS(*text == '\0' || *text == '/');
	else if (s->type == COLOUR)
		HOLDS(strlen(text) == 7 && *text == '#');
	else if (s->type == ORIGINS && s->least == 0 && (*text == '\0' || strcmp(text, "*") == 0))
		return;
	else if (s->type == ORIGINS)
		HOLDS((strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) &&
			strcmp(origins(s, text), text) == 0); /* as browsers write them */
	else if (s->type == NAMES)                            /* for headers, and for nginx */
		HOLDS(strpbrk(text, "\t,;:\"\\$/@") == NULL && strcmp(names(text), text) == 0);
	else if (s->type == DOMAIN_)
		HOLDS(strpbrk(text, " ;,=/") == NULL);
}

/* What conf_print says; NULL if the settings are refused. */
static char *
load(void)
{
	const struct conf *c;
	char *text = NULL;
	size_t size;
	FILE *to;

	if (setjmp(out) != 0)
		return NULL;
	c = conf_load("credentials");
	for (const struct setting *s = settings; s->name != NULL; s++)
		setting_holds(c, s);
	to = open_memstream(&text, &size);
	conf_print(c, to);
	HOLDS(fclose(to) == 0);
	HOLDS(strlen(c->database_password) < 4 || strstr(text, "password = ****\n") != NULL);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
	size_t first = nul != NULL ? (size_t)(nul - data) : size;
	char *text, *same;

	setenv("POSTERN_CONFIG", put("postern.conf", data, first), 1);
	put("credentials.conf", nul != NULL ? nul + 1 : data, nul != NULL ? size - first - 1 : 0);
	text = load();
	HOLDS(text != NULL || *said != '\0');
	same = load();
	HOLDS(text == NULL ? same == NULL : same != NULL && strcmp(text, same) == 0);
	free(text);
	free(same);
	mem_drop(conf_kept());
	said[0] = '\0';
	return 0;
}
