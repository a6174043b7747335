/* SPDX-License-Identifier: ISC */
/*
 * conf_value: a setting's value, from text and to text. Owns the types of settings; knows no file
 * and nobody's rights.
 */
#include "conf_value.h"

#include "mem.h"
#include "text.h"

#include <string.h>
#include <strings.h>

enum {
	DAY = 86400
};

struct mem *
conf_kept(void)
{
	static struct mem *m;

	return m != NULL ? m : (m = mem_new());
}

/* The value of a setting in place: text or number. */
static const char **
text_at(struct conf *c, const struct setting *s)
{
	return (const char **)(void *)((char *)c + s->at);
}

static long *
number_at(struct conf *c, const struct setting *s)
{
	return (long *)(void *)((char *)c + s->at);
}

static struct rate *
rate_at(struct conf *c, const struct setting *s)
{
	return (struct rate *)(void *)((char *)c + s->at);
}

/* A host, perhaps with a port: the rest of an origin (RFC 3986 section 3.2). */
static bool
is_host(const char *s)
{
	bool bracket = *s == '[';
	size_t n =
		bracket ? 1 + strspn(s + 1, "0123456789abcdef:.") : strcspn(s, "/?#@,;\"'<>\\:[]");

	if (n < 1U + bracket || (bracket && s[n++] != ']'))
		return false;
	s += n;
	n = *s == ':' && s[1] != '0' ? strspn(s + 1, "0123456789") : 0;
	return n > 0 && n <= 5 ? s[1 + n] == '\0' : *s == '\0';
}

/*
 * Addresses as browsers write an origin (RFC 6454 section 6.2): lower case, no port that goes
 * without saying, nothing behind it. NULL if one has a path or is no such address. Where none need
 * be named, * stands for all.
 */
static const char *
origins(const struct setting *s, const char *value)
{
	const char *all = "";
	char *rest = mem_copy(conf_kept(), value, strlen(value)), *url;

	if (s->least == 0 && (*value == '\0' || (s->most == 0 && strcmp(value, "*") == 0)))
		return rest;
	while ((url = strsep(&rest, " \t")) != NULL) {
		bool https = strncasecmp(url, "https://", 8) == 0;
		size_t n = strlen(url), scheme = https ? 8 : 7;
		const char *port = https ? ":443" : ":80";

		if (n == 0)
			continue;
		text_lower(url);
		if (url[n - 1] == '/')
			url[--n] = '\0';
		if ((!https && strncmp(url, "http://", 7) != 0) || !is_host(url + scheme) ||
			strchr(url, '*') != NULL)
			return NULL;
		if (strcmp(url + n - strlen(port), port) == 0)
			n -= strlen(port);
		all = mem_print(conf_kept(), "%s%s%.*s", all, *all != '\0' ? " " : "", (int)n, url);
	}
	return *all != '\0' ? all : NULL;
}

/* Names with one blank between them; NULL if something else is among them. */
static const char *
names(const char *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	const char *all = "";

	for (value += strspn(value, " \t,"); *value != '\0'; value += strspn(value, " \t,")) {
		size_t n = strspn(value, letters);

		if (n == 0)
			return NULL;
		all = mem_print(
			conf_kept(), "%s%s%.*s", all, *all != '\0' ? " " : "", (int)n, value);
		value += n;
	}
	return all;
}

/* Whether this says who may publish. */
static bool
says_publishers(const char *value)
{
	if (strncmp(value, "group:", 6) == 0)
		return value[6] != '\0' && value[6 + strcspn(value + 6, " \t,")] == '\0';
	return strcmp(value, "member") == 0 || strcmp(value, "admin") == 0;
}

/* The place of a word of `length` bytes in a list, 0 the first; -1 if it is not there. */
static int
place_of(const char *list, const char *word, size_t length)
{
	for (int i = 0;; i++) {
		size_t n = strcspn(list, " ");

		if (n == length && memcmp(list, word, n) == 0)
			return i;
		if (list[n] == '\0')
			return -1;
		list += n + 1;
	}
}

/* The bits of some of the words of a setting; 0 if there is none, too many, or another one. */
static long
bits_of(const struct setting *s, const char *value)
{
	long bits = 0, count = 0;

	for (value += strspn(value, " "); *value != '\0'; value += strspn(value, " ")) {
		size_t n = strcspn(value, " ");
		int i = place_of(setting_words(s), value, n);

		if (i < 0 || (bits & 1L << i) || ++count > s->most)
			return 0;
		bits |= 1L << i;
		value += n;
	}
	return bits;
}

/* Whether there is a control character other than a tab: values go into headers and mails. */
static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return true;
	return false;
}

/* The types that say who and what may come in. */
static const char *
assign_door(struct conf *c, const struct setting *s, const char *value)
{
	const char *text = s->type == NAMES ? names(value) : value;
	bool on = strcmp(value, "on") == 0;

	if (text == NULL)
		return "must be names, with blanks between them";
	if (s->type == PUBLISHERS && !says_publishers(value))
		return "must be member, admin or group:NAME";
	if (s->type == SWITCH && !on && strcmp(value, "off") != 0)
		return "must be on or off";
	if (s->type == SWITCH)
		*number_at(c, s) = on;
	else
		*text_at(c, s) = mem_copy(conf_kept(), text, strlen(text));
	return NULL;
}

static const char *
assign_number(struct conf *c, const struct setting *s, const char *value)
{
	int64_t n = 0;
	long seconds = 0;
	bool read = s->type == DURATION ? text_duration(value, &seconds) : text_int(value, &n);

	if (read && s->type == DURATION)
		n = seconds;
	if (!read || n < s->least || (n > s->most && s->most >= s->least))
		return s->type != DURATION
			? "must be a whole number within its bounds"
			: "must be a duration such as 90, 15m, 12h or 7d within its bounds";
	*number_at(c, s) = (long)n * (s->type == DAYS ? DAY : 1);
	return NULL;
}

const char *
conf_assign(struct conf *c, const struct setting *s, const char *base, const char *value)
{
	if (!text_utf8(value, strlen(value)))
		return "is not UTF-8";
	if (has_control(value))
		return "must be free of control characters";
	switch (s->type) {
	case TEXT_: *text_at(c, s) = mem_copy(conf_kept(), value, strlen(value)); return NULL;
	case FILE_:
		*text_at(c, s) = *value == '\0' || *value == '/'
			? mem_copy(conf_kept(), value, strlen(value))
			: mem_print(conf_kept(), "%s/%s", base, value);
		return NULL;
	case COLOUR:
		if (*value != '#' || strlen(value) != 7 ||
			value[1 + strspn(value + 1, "0123456789abcdefABCDEF")] != '\0')
			return "must be a colour such as #2f6f4f";
		*text_at(c, s) = mem_copy(conf_kept(), value, strlen(value));
		return NULL;
	case ORIGINS:
		if ((value = origins(s, value)) == NULL)
			return "must be addresses such as https://example.org, without a path";
		*text_at(c, s) = value;
		return NULL;
	case DOMAIN_:
		if (value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789.-")] != '\0')
			return "must be a domain such as example.org";
		*text_at(c, s) = mem_copy(conf_kept(), value, strlen(value));
		return NULL;
	case RATE:
		return conf_rate(value, rate_at(c, s))
			? NULL
			: "must be a number in a time, such as 10/5m, or off";
	case INT_:
	case DAYS:
	case DURATION: return assign_number(c, s, value);
	case WORDS:
		if ((*number_at(c, s) = bits_of(s, value)) == 0)
			return mem_print(conf_kept(), "must be %sof: %s",
				s->most == 1 ? "one " : "some ", setting_words(s));
		return NULL;
	default: return assign_door(c, s, value);
	}
}

static void
print_words(const struct setting *s, long bits, FILE *to)
{
	const char *word = setting_words(s), *blank = "";

	for (; bits != 0; bits >>= 1) {
		size_t n = strcspn(word, " ");

		if (bits & 1)
			fprintf(to, "%s%.*s", blank, (int)n, word);
		blank = bits & 1 ? " " : blank;
		word += n + (word[n] == ' ');
	}
	fputc('\n', to);
}

void
conf_show(const struct conf *c, const struct setting *s, FILE *to)
{
	struct conf copy = *c;
	const char *text;

	switch (s->type) {
	case INT_:
	case DURATION: fprintf(to, "%ld\n", *number_at(&copy, s)); break;
	case DAYS: fprintf(to, "%ld\n", *number_at(&copy, s) / DAY); break;
	case SWITCH: fputs(*number_at(&copy, s) ? "on\n" : "off\n", to); break;
	case RATE:
		if (rate_at(&copy, s)->most == 0)
			fputs("off\n", to);
		else
			fprintf(to, "%ld/%ld\n", rate_at(&copy, s)->most,
				rate_at(&copy, s)->seconds);
		break;
	case WORDS: print_words(s, *number_at(&copy, s), to); break;
	default:
		text = *text_at(&copy, s);
		fprintf(to, "%s\n", s->flag == SECRET && *text != '\0' ? "****" : text);
	}
}

const char *
conf_text(const struct conf *c, const struct setting *s)
{
	struct conf copy = *c;

	return *text_at(&copy, s);
}
