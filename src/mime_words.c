/* SPDX-License-Identifier: ISC */
/*
 * mime_words: texts and mailboxes in the headers of mails: read, checked, folded, and encoded where
 * they are not plain ASCII (RFC 2047). Knows no other part of a mail.
 */
#include "mime_words.h"

#include "text.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

enum {
	LINE = 76,   /* of a line with encoded words */
	FRAME = 12,  /* =?utf-8?B??= */
	QUOTED = 60, /* a name in quotes that needs no new line */
	ADDRESS_BYTES = 254,
	LOCAL_BYTES = 64,
	LABEL_BYTES = 63,
};

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool
mime_plain(const char *text)
{
	for (const char *s = text; *s != '\0'; s++)
		if ((uint8_t)*s < ' ' || *s == 0x7f)
			return false;
	return text_utf8(text, strlen(text));
}

static bool
is_domain(const char *s)
{
	for (;; s++) {
		size_t n = strcspn(s, ".");

		if (n == 0 || n > LABEL_BYTES || s[0] == '-' || s[n - 1] == '-' ||
			strspn(s, ALNUM "-") < n)
			return false;
		s += n;
		if (*s == '\0')
			return true;
	}
}

const char *
mime_address_wrong(const char *address)
{
	const char *at = strrchr(address, '@'), *s = address;

	for (; *s != '\0'; s++)
		if ((uint8_t)*s >= 0x80)
			return "an address holds other characters than ASCII, which many mail "
			       "servers refuse (a domain has another spelling, xn--…)";
	if (at == NULL || at == address || at - address > LOCAL_BYTES ||
		s - address > ADDRESS_BYTES || !is_domain(at + 1))
		return "this is no mail address";
	/* A dot-atom (RFC 5322 section 3.2.3). */
	for (s = address; s < at; s++)
		if (strchr(ALNUM "!#$%&'*+-/=?^_`{|}~.", *s) == NULL ||
			(*s == '.' && (s == address || s[1] == '.' || s + 1 == at)))
			return "this is no mail address";
	return NULL;
}

/* What stands in quotes, without its backslashes. */
static const char *
unquoted(struct mem *m, const char *from, size_t length)
{
	char *out = mem_get(m, length + 1);
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (from[i] == '\\' && i + 1 < length)
			i++;
		out[n++] = from[i];
	}
	return out;
}

const char *
mime_read_box(struct mem *m, const char *text, struct mime_box *box)
{
	const char *less, *from;
	size_t n;

	text += strspn(text, " ");
	for (n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		;
	if (!mime_plain(text))
		return "a mailbox holds a line break or control character";
	if (n == 0 || text[n - 1] != '>') {
		*box = (struct mime_box){ "", mem_copy(m, text, n) };
		return mime_address_wrong(box->address);
	}
	for (less = text + n; less > text && *less != '<'; less--)
		;
	if (*less != '<')
		return "a mailbox wants to be: Name <name@example.org>";
	box->address = mem_copy(m, less + 1, (size_t)(text + n - 1 - (less + 1)));
	from = text;
	for (n = (size_t)(less - text); n > 0 && from[n - 1] == ' '; n--)
		;
	if (n >= 2 && from[0] == '"' && from[n - 1] == '"')
		box->name = unquoted(m, from + 1, n - 2);
	else
		box->name = mem_copy(m, from, n);
	return mime_address_wrong(box->address);
}

/* True if words with a blank between them say it: nothing that folding would change. */
static bool
as_it_is(const char *text)
{
	size_t run = 0;

	if (strstr(text, "=?") != NULL)
		return false;
	for (const char *s = text; *s != '\0'; s++) {
		bool blank = *s == ' ';

		if ((uint8_t)*s >= 0x80 || (blank && (s == text || s[1] == ' ' || s[1] == '\0')))
			return false;
		run = blank ? 0 : run + 1;
		if (run > LINE - 2)
			return false;
	}
	return true;
}

static size_t
put_words(FILE *f, const char *text, size_t column)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (column + 1 + n > LINE) {
			fputs("\r\n", f);
			column = 0;
		}
		column += (size_t)fprintf(f, " %.*s", (int)n, text);
		text += n + (text[n] == ' ');
	}
	return column;
}

/* Encoded words, each of whole characters. */
static size_t
put_encoded(FILE *f, const char *text, size_t column)
{
	while (*text != '\0') {
		unsigned char word[LINE + 4];
		size_t room = column + 1 + FRAME + 8 <= LINE ? LINE - column - 1 : 0, n, left;

		if (room == 0) {
			fputs("\r\n", f);
			column = 0;
			room = LINE - 1;
		}
		left = strlen(text);
		n = (room - FRAME) / 4 * 3;
		n = n < left ? n : left;
		while (n < left && ((uint8_t)text[n] & 0xc0) == 0x80)
			n--;
		EVP_EncodeBlock(word, (const unsigned char *)text, (int)n);
		column += (size_t)fprintf(f, " =?utf-8?B?%s?=", word);
		text += n;
	}
	return column;
}

void
mime_put_text(FILE *f, const char *text, size_t column)
{
	if (as_it_is(text))
		put_words(f, text, column);
	else
		put_encoded(f, text, column);
}

static size_t
put_quoted(FILE *f, const char *name)
{
	size_t n = (size_t)fprintf(f, " \"");

	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			n += (size_t)fprintf(f, "\\");
		n += (size_t)fprintf(f, "%c", *name);
	}
	return n + (size_t)fprintf(f, "\"");
}

void
mime_put_box(FILE *f, const struct mime_box *box, size_t column)
{
	if (*box->name == '\0') {
		fprintf(f, " %s", box->address);
		return;
	}
	if (as_it_is(box->name) && strlen(box->name) <= QUOTED)
		column += put_quoted(f, box->name);
	else
		column = put_encoded(f, box->name, column);
	fprintf(f, "%s <%s>", column + strlen(box->address) + 3 > LINE ? "\r\n" : "", box->address);
}
