/* SPDX-License-Identifier: ISC */
/*
 * mime: writes a mail (RFC 5322, 2045 to 2047, 2231). Owns its parts, headers and their encodings;
 * knows neither where the mail comes from nor how it travels. No body or file is encoded so that a
 * line of it begins with "--=_", which is why the boundaries can be fixed words.
 */
#include "mime.h"

#include "mime_words.h"
#include "text.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

enum {
	LINE = 76,        /* RFC 2045 section 6.7 */
	PLAIN_LINE = 200, /* of a text that goes as it is; 998 may be (RFC 5322 section 2.1.1) */
	NAME_PIECE = 54,  /* of a file's name, in a parameter of its own */
};

static const char *
address_or_none(const struct mime_box *box)
{
	const char *why;

	if (box->address == NULL)
		return NULL;
	if ((why = mime_address_wrong(box->address)) != NULL)
		return why;
	return mime_plain(box->name) ? NULL : "a name holds a line break or control character";
}

static bool
is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	return slash != NULL && slash != type && slash[1] != '\0' &&
		type[strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789/.+-")] == '\0';
}

/* What keeps the mail from being written, or NULL. */
static const char *
wrong(const struct mime *mail)
{
	const char *why;

	if (mail->from.address == NULL || mail->to.address == NULL)
		return "a mail wants a sender and somebody to go to";
	if ((why = address_or_none(&mail->from)) != NULL ||
		(why = address_or_none(&mail->to)) != NULL ||
		(why = address_or_none(&mail->reply_to)) != NULL)
		return why;
	for (size_t i = 0; i < mail->copies_count; i++)
		if ((why = address_or_none(&mail->copies[i])) != NULL)
			return why;
	if (!mime_plain(mail->subject))
		return "the subject holds a line break or control character";
	if (mime_address_wrong(mail->id) != NULL)
		return "the Message-ID is none";
	if (!text_utf8(mail->text, strlen(mail->text)) ||
		(mail->html != NULL && !text_utf8(mail->html, strlen(mail->html))))
		return "the text is not UTF-8";
	for (size_t i = 0; i < mail->files_count; i++)
		if (!mime_plain(mail->files[i].name) || *mail->files[i].name == '\0' ||
			!is_type(mail->files[i].type))
			return "an attachment's name or type cannot be sent";
	return NULL;
}

static void
put_box(FILE *f, const char *header, const struct mime_box *box)
{
	if (box->address == NULL)
		return;
	fprintf(f, "%s:", header);
	mime_put_box(f, box, strlen(header) + 1);
	fputs("\r\n", f);
}

static void
headers(FILE *f, const struct mime *mail)
{
	struct tm day;
	char date[64];

	gmtime_r(&mail->date, &day);
	(void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &day);
	fprintf(f, "Date: %s\r\n", date);
	put_box(f, "From", &mail->from);
	put_box(f, "To", &mail->to);
	for (size_t i = 0; i < mail->copies_count; i++) {
		size_t column = 0;

		if (i == 0)
			column = (size_t)fprintf(f, "Cc:");
		else
			fputs(",\r\n", f);
		mime_put_box(f, &mail->copies[i], column);
	}
	if (mail->copies_count > 0)
		fputs("\r\n", f);
	put_box(f, "Reply-To", &mail->reply_to);
	fputs("Subject:", f);
	mime_put_text(f, mail->subject, strlen("Subject:"));
	fprintf(f,
		"\r\nMessage-ID: <%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
		mail->id);
}

/* The end of a line of any kind: what is behind it; NULL if there is none here. */
static const char *
line_end(const char *s)
{
	if (*s == '\r')
		return s[1] == '\n' ? s + 2 : s + 1;
	return *s == '\n' ? s + 1 : NULL;
}

/* Quoted-printable (RFC 2045 section 6.7). */
static void
quoted(FILE *f, const char *text)
{
	int column = 0;

	for (const char *s = text, *next; *s != '\0'; s = next) {
		uint8_t c = (uint8_t)*s;
		bool blank = c == ' ' || c == '\t', plain;

		if ((next = line_end(s)) != NULL) {
			fputs("\r\n", f);
			column = 0;
			continue;
		}
		next = s + 1;
		plain = (c > ' ' && c < 0x7f && c != '=') ||
			(blank && *next != '\0' && line_end(next) == NULL);
		if (column + (plain ? 1 : 3) > LINE - 1) {
			fputs("=\r\n", f);
			column = 0;
		}
		if (plain)
			putc(c, f);
		else
			fprintf(f, "=%02X", c);
		column += plain ? 1 : 3;
	}
	fputs("\r\n", f);
}

/* Whether a text can go as it is: then whoever looks at the bytes can read it, and use its links.
 * What looks like one of our boundaries cannot. */
static bool
is_plain(const char *text)
{
	int column = 0;

	for (const char *s = text; *s != '\0'; s++) {
		if (line_end(s) != NULL)
			column = 0;
		else if ((column == 0 && strncmp(s, "--=_", 4) == 0) || (*s < ' ' && *s != '\t') ||
			*s > '~' || ++column > PLAIN_LINE)
			return false;
	}
	return true;
}

static void
put_lines(FILE *f, const char *text)
{
	for (const char *s = text, *next; *s != '\0'; s = next) {
		if ((next = line_end(s)) != NULL) {
			fputs("\r\n", f);
			continue;
		}
		putc(*s, f);
		next = s + 1;
	}
	fputs("\r\n", f);
}

static void
put_text_part(FILE *f, const char *subtype, const char *text)
{
	bool plain = is_plain(text);

	fprintf(f,
		"Content-Type: text/%s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: %s\r\n\r\n",
		subtype, plain ? "7bit" : "quoted-printable");
	if (plain)
		put_lines(f, text);
	else
		quoted(f, text);
}

static void
put_texts(FILE *f, const struct mime *mail)
{
	if (mail->html == NULL) {
		put_text_part(f, "plain", mail->text);
		return;
	}
	fputs("Content-Type: multipart/alternative; boundary=\"=_texts\"\r\n\r\n--=_texts\r\n", f);
	put_text_part(f, "plain", mail->text);
	fputs("--=_texts\r\n", f);
	put_text_part(f, "html", mail->html);
	fputs("--=_texts--\r\n", f);
}

/* A file's name: as it is where that can be, else in pieces (RFC 2231 sections 3 and 4). */
static void
put_name(FILE *f, struct mem *m, const char *name)
{
	const char *all = text_escape(m, name);

	if (strcmp(all, name) == 0 && strlen(name) <= NAME_PIECE) {
		fprintf(f, ";\r\n filename=\"%s\"", name);
		return;
	}
	for (int i = 0; *all != '\0'; i++) {
		size_t n = strnlen(all, NAME_PIECE);

		if (all[n] != '\0') /* no escape is cut in two */
			for (size_t back = 1; back <= 2; back++)
				if (all[n - back] == '%')
					n -= back;
		fprintf(f, ";\r\n filename*%d*=%s%.*s", i, i == 0 ? "utf-8''" : "", (int)n, all);
		all += n;
	}
}

static void
put_file(FILE *f, struct mem *m, const struct mime_file *file)
{
	fprintf(f,
		"--=_mixed\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment",
		file->type);
	put_name(f, m, file->name);
	fputs("\r\n\r\n", f);
	for (const char *s = file->base64; *s != '\0';) {
		size_t n = strnlen(s, LINE);

		fprintf(f, "%.*s\r\n", (int)n, s);
		s += n;
	}
}

const char *
mime_write(struct mem *m, const struct mime *mail, size_t *length, const char **why)
{
	struct mem_text text;
	FILE *f;

	if ((*why = wrong(mail)) != NULL)
		return NULL;
	f = mem_stream(m, &text);
	headers(f, mail);
	if (mail->files_count > 0)
		fputs("Content-Type: multipart/mixed; boundary=\"=_mixed\"\r\n\r\n--=_mixed\r\n",
			f);
	put_texts(f, mail);
	for (size_t i = 0; i < mail->files_count; i++)
		put_file(f, m, &mail->files[i]);
	if (mail->files_count > 0)
		fputs("--=_mixed--\r\n", f);
	(void)fclose(f);
	*length = text.length;
	return text.bytes;
}

const char *
mime_base64(struct mem *m, const void *bytes, size_t length)
{
	char *out = mem_get(m, (length + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
	return out;
}
