/* SPDX-License-Identifier: ISC */
/*
 * post_smtp: the transport `smtp` (RFC 5321, 3207, 4954), by libcurl, over one connection for many
 * mails. Owns what a server's answer, or its silence, means for a mail; keeps all secrets out of
 * what it notes and shows.
 */
#include "post_smtp.h"

#include "post_parts.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum {
	LINE = 512,   /* of a server, RFC 5321 section 4.5.3.1.5 */
	PATIENCE = 8, /* seconds to wait for the last answer when the process is to end */
	FAREWELL = 2, /* seconds to wait for the answer to QUIT */
};

/* How far the dialogue has come. */
enum stage {
	STAGE_GREETING, /* connection, TLS, EHLO, AUTH */
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_END, /* all was sent: now the server answers for the mail */
};

struct smtp {
	CURL *curl;
	struct post *post;
	const struct parcel *parcel;
	size_t at; /* in its bytes */
	enum stage stage;
	char line[LINE]; /* the server's last */
	bool secret;     /* AUTH goes on */
	bool used;       /* the last mail went well, so the connection may still be there */
	time_t over;     /* when QUIT was said: what follows counts no more */
	time_t stopped;  /* when the process was told to end */
	char error[CURL_ERROR_SIZE];
};

void
smtp_close(struct smtp *s)
{
	curl_easy_cleanup(s->curl);
	free(s);
}

/* A line of the dialogue, as a person may see it. */
static void
show(struct smtp *s, char who, const char *line, size_t n)
{
	if (s->post->show == NULL)
		return;
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	fprintf(s->post->show, "%c ", who);
	for (size_t i = 0; i < n; i++)
		putc((unsigned char)line[i] >= ' ' && line[i] != 0x7f ? line[i] : ' ',
			s->post->show);
	putc('\n', s->post->show);
}

static bool
begins(const char *line, size_t n, const char *with)
{
	return n >= strlen(with) && strncmp(line, with, strlen(with)) == 0;
}

/* From AUTH to its end nothing is shown. */
static void
client_said(struct smtp *s, const char *line, size_t n)
{
	if (begins(line, n, "AUTH ")) {
		size_t method = 5;

		while (method < n && isgraph((unsigned char)line[method]))
			method++;
		s->secret = true;
		show(s, '>', line, method);
		return;
	}
	if (begins(line, n, "MAIL FROM"))
		s->stage = STAGE_MAIL;
	else if (begins(line, n, "RCPT TO"))
		s->stage = STAGE_RCPT;
	else if (begins(line, n, "DATA"))
		s->stage = STAGE_DATA;
	else if (begins(line, n, "QUIT"))
		s->over = time(NULL);
	show(s, '>', s->secret ? "****" : line, s->secret ? 4 : n);
}

static void
server_said(struct smtp *s, const char *line, size_t n)
{
	if (s->secret && begins(line, n, "334")) {
		show(s, '<', "334 ****", 8);
		return;
	}
	s->secret = false;
	if (s->over != 0) {
		show(s, '<', line, n);
		return;
	}
	snprintf(s->line, sizeof s->line, "%.*s", (int)(n < LINE ? n : LINE - 1), line);
	if (*s->post->conf->mail_password != '\0' &&
		strstr(s->line, s->post->conf->mail_password) != NULL)
		snprintf(s->line, sizeof s->line, "%.4s****", line);
	show(s, '<', s->line, strlen(s->line));
}

static int
watch(CURL *curl, curl_infotype type, char *data, size_t size, void *user)
{
	struct smtp *s = user;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		client_said(s, data, size);
	else if (type == CURLINFO_HEADER_IN)
		server_said(s, data, size);
	else if (type == CURLINFO_TEXT &&
		(strstr(data, "SSL connection using") != NULL || strstr(data, "Trying") != NULL))
		show(s, '*', data, size);
	return 0;
}

static size_t
feed(char *to, size_t size, size_t count, void *user)
{
	struct smtp *s = user;
	size_t n = s->parcel->length - s->at;

	n = n < size * count ? n : size * count;
	memcpy(to, s->parcel->bytes + s->at, n);
	s->at += n;
	if (s->at == s->parcel->length)
		s->stage = STAGE_END;
	return n;
}

/* Asked about once a second. What was handed over is worth a moment more. */
static int
go_on(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct smtp *s = user;

	(void)a, (void)b, (void)c, (void)d;
	if (s->over != 0 && time(NULL) - s->over >= FAREWELL)
		return 1;
	if (!*s->post->stop)
		return 0;
	if (s->stopped == 0)
		s->stopped = time(NULL);
	return s->stage != STAGE_END || time(NULL) - s->stopped >= PATIENCE;
}

/* The name we say we have: that of the site, where it is one. */
static const char *
own_name(const struct conf *conf, char out[256])
{
	const char *host = strstr(conf_issuer(conf), "://") + 3;

	snprintf(out, 256, "%.*s", (int)strcspn(host, ":/"), host);
	if (strpbrk(out, LETTERS) != NULL && out[strspn(out, LETTERS "0123456789-.")] == '\0')
		return out;
	return "localhost";
}

static void
set_up(struct smtp *s)
{
	const struct conf *conf = s->post->conf;
	char url[1024], name[256];
	long tls = conf->mail_starttls == STARTTLS_REQUIRE ? CURLUSESSL_ALL
		: conf->mail_starttls == STARTTLS_TRY      ? CURLUSESSL_TRY
							   : CURLUSESSL_NONE;

	snprintf(url, sizeof url, "%.700s/%s", conf->mail_server, own_name(conf, name));
	curl_easy_setopt(s->curl, CURLOPT_URL, url);
	curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT, conf->mail_connect);
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, conf->mail_connect + conf->mail_timeout);
	curl_easy_setopt(s->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, conf->mail_timeout);
	curl_easy_setopt(s->curl, CURLOPT_USE_SSL, tls);
	curl_easy_setopt(s->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*conf->mail_ca != '\0') {
		curl_easy_setopt(s->curl, CURLOPT_CAINFO, conf->mail_ca);
		curl_easy_setopt(s->curl, CURLOPT_CAPATH, NULL);
	}
	if (*conf->mail_user != '\0') {
		curl_easy_setopt(s->curl, CURLOPT_USERNAME, conf->mail_user);
		curl_easy_setopt(s->curl, CURLOPT_PASSWORD, conf->mail_password);
	}
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, feed);
	curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGFUNCTION, watch);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, go_on);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(s->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error);
}

static struct smtp *
connection(struct post *p)
{
	static bool ready;
	struct smtp *s;

	if (p->smtp != NULL)
		return p->smtp;
	if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		mem_abort("libcurl does not start");
	ready = true;
	if ((s = calloc(1, sizeof *s)) == NULL || (s->curl = curl_easy_init()) == NULL)
		mem_abort("out of memory");
	s->post = p;
	set_up(s);
	return p->smtp = s;
}

/* What an end that was none of ours means. */
static enum posted
meaning(const struct smtp *s)
{
	int code = 0;

	if (isdigit((unsigned char)s->line[0]))
		code = (s->line[0] - '0') * 100;
	if (s->stage == STAGE_GREETING)
		return POST_AWAY;
	if (s->stage == STAGE_MAIL && code == 500) /* our sender is not liked, or who we are */
		return begins(s->line, 3, "552") ? POST_REFUSED : POST_AWAY;
	if (code == 500)
		return begins(s->line, 3, "530") ? POST_AWAY : POST_REFUSED;
	return s->stage == STAGE_END && code != 400 ? POST_DOUBT : POST_AGAIN;
}

/* What is most likely wrong with the settings. */
static const char *
advice(const struct smtp *s, CURLcode code)
{
	static const struct {
		CURLcode code;
		const char *text;
	} rows[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, "There is no such host: see mail.server." },
		{ CURLE_COULDNT_CONNECT,
			"Nobody listens there: see host and port in mail.server. Most servers take mails "
			"at smtp://HOST:587 or smtps://HOST:465." },
		{ CURLE_USE_SSL_FAILED,
			"The server offers no STARTTLS: try smtps://HOST:465 in mail.server, or, on a line "
			"that nobody else can listen to, mail.starttls = off." },
		{ CURLE_SSL_CONNECT_ERROR,
			"TLS did not begin: smtps:// goes with port 465, smtp:// with 587 or 25." },
		{ CURLE_PEER_FAILED_VERIFICATION,
			"The server's certificate is for another name, or signed by nobody we know: see "
			"the host in mail.server, and mail.ca; without it the package ca-certificates "
			"is needed." },
		{ CURLE_SSL_CACERT_BADFILE,
			"mail.ca is no file of certificates that can be read." },
		{ CURLE_LOGIN_DENIED,
			"See mail.user and mail.password; many providers want a password made for mail "
			"programs alone." },
		{ CURLE_OPERATION_TIMEDOUT,
			"The server was silent for too long: a firewall may be between, or the port is "
			"another one." },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].code == code)
			return rows[i].text;
	if (begins(s->line, 3, "530"))
		return "The server wants a login or TLS first: see mail.user, mail.password and "
		       "mail.starttls.";
	if (s->line[0] == '4')
		return "The server wants it later: postern mail tries again by itself.";
	if (s->line[0] == '5' && s->stage == STAGE_MAIL)
		return "The server does not let us write in this name: see mail.from.";
	if (s->line[0] == '5' && s->stage == STAGE_RCPT)
		return "The server refuses this address: is it right? A server that only passes mails on "
		       "for its own people wants mail.user.";
	return "The log of the mail server may say more.";
}

static enum posted
judge(struct smtp *s, CURLcode code)
{
	enum posted posted;
	const char *said = *s->error != '\0' ? s->error : curl_easy_strerror(code);

	if (code == CURLE_OK)
		return post_said(s->post, POST_SENT, "%s", s->line);
	s->post->advice = advice(s, code);
	posted = meaning(s);
	if (posted == POST_DOUBT)
		return post_said(s->post, posted,
			"perhaps it arrived: the server has all of it, and said nothing more (%s)",
			said);
	if (s->line[0] == '4' || s->line[0] == '5')
		return post_said(s->post, posted, "%s", s->line);
	return post_said(s->post, posted, "%s", said);
}

static CURLcode
perform(struct smtp *s, const struct parcel *parcel)
{
	s->parcel = parcel;
	s->at = 0;
	s->stage = STAGE_GREETING;
	s->secret = false;
	s->over = 0;
	s->line[0] = s->error[0] = '\0';
	return curl_easy_perform(s->curl);
}

enum posted
post_to_server(struct post *p, const struct parcel *parcel)
{
	struct smtp *s = connection(p);
	struct curl_slist *to = NULL;
	char address[300];
	CURLcode code;
	long connects = 0;

	for (size_t i = 0; i < parcel->count; i++) {
		snprintf(address, sizeof address, "<%.290s>", parcel->to[i]);
		if ((to = curl_slist_append(to, address)) == NULL)
			mem_abort("out of memory");
	}
	snprintf(address, sizeof address, "<%.290s>", parcel->from);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, address);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)parcel->length);
	code = perform(s, parcel);
	curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &connects);
	/* The server was tired of an older connection: another one, at once. */
	if (code != CURLE_OK && connects == 0 && s->used && s->stage <= STAGE_MAIL && !*p->stop) {
		curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 1L);
		code = perform(s, parcel);
		curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 0L);
	}
	s->used = code == CURLE_OK;
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	return judge(s, code);
}

enum posted
post_greet_server(struct post *p)
{
	struct smtp *s = connection(p);
	const struct parcel none = { 0 };
	enum posted posted;

	curl_easy_setopt(s->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	posted = judge(s, perform(s, &none));
	post_rest(p); /* another connection for mails */
	return posted;
}
