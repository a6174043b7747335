/* SPDX-License-Identifier: ISC */
/* post: where mails leave the house. Owns the transport `file`: a folder of mails to look at, for
 * sites without a mail server; the others are post_program.c and post_smtp.c. */
#include "post_parts.h"

#include "fd.h"
#include "post_smtp.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
post_check(const struct conf *conf)
{
	if (conf->mail_transport == MAIL_SMTP)
		return smtp_check(conf);
	if (conf->mail_transport == MAIL_SENDMAIL && access(conf->mail_sendmail, X_OK) != 0)
		return "mail.sendmail names no program that can be run";
	return NULL;
}

struct post *
post_open(const struct conf *conf, const volatile int *stop)
{
	struct post *p = calloc(1, sizeof *p);

	if (p == NULL)
		mem_abort("out of memory");
	p->conf = conf;
	p->stop = stop;
	return p;
}

void
post_rest(struct post *p)
{
	if (p->smtp != NULL)
		smtp_close(p->smtp);
	p->smtp = NULL;
}

void
post_close(struct post *p)
{
	post_rest(p);
	free(p);
}

enum posted
post_said(struct post *p, enum posted posted, const char *format, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, format);
	vsnprintf(p->answer, sizeof p->answer, format, ap);
	va_end(ap);
	n = strlen(p->answer);
	for (char *c = p->answer; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	while (n > 0 && (p->answer[n - 1] == ' ' || !text_utf8(p->answer, n)))
		if (p->answer[n - 1] == ' ' || n == sizeof p->answer - 1)
			p->answer[--n] = '\0'; /* perhaps a character that was cut */
		else
			break;
	if (!text_utf8(p->answer, n))
		for (char *c = p->answer; *c != '\0'; c++)
			*c = (unsigned char)*c < 0x80 ? *c : '?';
	return posted;
}

/* In one stroke, under a name that the same mail always has. */
static enum posted
to_folder(struct post *p, const struct parcel *parcel)
{
	char path[PATH_MAX], unfinished[PATH_MAX];
	const char *folder = p->conf->mail_folder;
	bool good;
	int fd;

	if (snprintf(path, sizeof path, "%s/%.200s.eml", folder, parcel->name) >= PATH_MAX ||
		snprintf(unfinished, sizeof unfinished, "%s/.%.200s.new", folder, parcel->name) >=
			PATH_MAX)
		return post_said(p, POST_AWAY, "mail.folder is too long");
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return post_said(p, POST_AWAY, "mail.folder cannot be made: %s", strerror(errno));
	fd = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	good = fd >= 0 && fd_write(fd, parcel->bytes, parcel->length);
	if (fd >= 0)
		good = close(fd) == 0 && good;
	if (!good || rename(unfinished, path) != 0)
		return post_said(
			p, POST_AWAY, "mail.folder cannot be written to: %s", strerror(errno));
	p->advice =
		"It is a file in mail.folder and goes no further: mail.transport = smtp sends it.";
	return post_said(p, POST_SENT, "%.200s.eml", parcel->name);
}

enum posted
post_send(struct post *p, const struct parcel *parcel)
{
	p->answer[0] = '\0';
	p->advice = NULL;
	if (p->conf->mail_transport == MAIL_SMTP)
		return post_to_server(p, parcel);
	if (p->conf->mail_transport == MAIL_SENDMAIL)
		return post_to_program(p, parcel);
	return to_folder(p, parcel);
}

enum posted
post_try(struct post *p)
{
	const char *folder = p->conf->mail_folder;

	p->answer[0] = '\0';
	p->advice = NULL;
	if (p->conf->mail_transport == MAIL_SMTP)
		return post_greet_server(p);
	if (p->conf->mail_transport == MAIL_FILE && mkdir(folder, 0700) != 0 &&
		(errno != EEXIST || access(folder, W_OK | X_OK) != 0))
		return post_said(
			p, POST_AWAY, "mail.folder cannot be written to: %s", strerror(errno));
	return POST_SENT;
}

const char *
post_answer(const struct post *p)
{
	return p->answer;
}

const char *
post_advice(const struct post *p)
{
	return p->advice;
}

void
post_show(struct post *p, FILE *to)
{
	p->show = to;
}
