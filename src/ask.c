/* SPDX-License-Identifier: ISC */
/*
 * ask: one request over HTTP (RFC 9112) by libcurl, for the tool. Owns how long an answer may take
 * and how much of it is kept; knows nothing of what it should be.
 */
#include "ask.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

enum {
	KEPT = 256 * 1024 /* bytes of head and body each */
};

struct talk {
	FILE *head, *body;
	size_t head_length, body_length;
	bool announced, accepted;
};

/* Keep what fits, and take the rest as well. */
static size_t
keep(const char *bytes, size_t n, FILE *to, size_t *length)
{
	if (*length + n <= KEPT)
		*length += fwrite(bytes, 1, n, to);
	return n;
}

static size_t
take_head(char *bytes, size_t size, size_t count, void *user)
{
	struct talk *t = user;

	return keep(bytes, size * count, t->head, &t->head_length);
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *user)
{
	struct talk *t = user;

	return keep(bytes, size * count, t->body, &t->body_length);
}

/* The server says that the body may come; that was all we wanted to know. */
static size_t
give_nothing(char *to, size_t size, size_t count, void *user)
{
	struct talk *t = user;

	(void)to, (void)size, (void)count;
	t->accepted = true;
	return CURL_READFUNC_ABORT;
}

static struct curl_slist *
set_headers(CURL *curl, const struct ask *ask)
{
	struct curl_slist *all = curl_slist_append(NULL, "User-Agent: postern-doctor");

	if (ask->announced > 0)
		all = curl_slist_append(all, "Expect: 100-continue");
	for (size_t i = 0; i < sizeof ask->headers / sizeof ask->headers[0]; i++)
		if (ask->headers[i] != NULL)
			all = curl_slist_append(all, ask->headers[i]);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, all);
	return all;
}

static void
set_up(CURL *curl, const struct ask *ask, struct talk *t)
{
	curl_easy_setopt(curl, CURLOPT_URL, ask->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ASK_SECONDS);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	if (ask->announced > 0) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)ask->announced);
		curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, ASK_SECONDS * 1000L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_nothing);
		curl_easy_setopt(curl, CURLOPT_READDATA, t);
	} else if (ask->body != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
	}
	if (ask->method != NULL)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
}

void
ask_web(struct mem *m, const struct ask *ask, struct answer *answer)
{
	struct mem_text head, body;
	struct talk t = { .head = mem_stream(m, &head), .body = mem_stream(m, &body) };
	CURL *curl = curl_easy_init();
	struct curl_slist *headers;
	long status = 0;
	CURLcode code;

	if (curl == NULL)
		mem_abort("libcurl does not start");
	set_up(curl, ask, &t);
	headers = set_headers(curl, ask);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	(void)fclose(t.head);
	(void)fclose(t.body);
	*answer = (struct answer){ .accepted = t.accepted,
		.status = (int)status,
		.head = head.bytes,
		.body = body.bytes };
	if (code != CURLE_OK && !t.accepted)
		answer->why =
			mem_copy(m, curl_easy_strerror(code), strlen(curl_easy_strerror(code)));
}

/* The next header of that name from *at on, which then points behind its line; NULL: no more. */
static const char *
next(const char **at, const char *name, size_t *length)
{
	size_t n = strlen(name);

	for (const char *line = *at; *line != '\0';) {
		size_t all = strcspn(line, "\r\n");
		const char *value = line + n + 1;

		*at = line + all + strspn(line + all, "\r\n");
		if (all > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
			value += strspn(value, " \t");
			*length = (size_t)(line + all - value);
			return value;
		}
		line = *at;
	}
	return NULL;
}

const char *
ask_header(struct mem *m, const struct answer *answer, const char *name)
{
	const char *at = answer->head, *value;
	size_t length = 0;

	value = next(&at, name, &length);
	return value != NULL ? mem_copy(m, value, length) : NULL;
}

int
ask_headers(const struct answer *answer, const char *name)
{
	const char *at = answer->head;
	size_t length;
	int count = 0;

	while (next(&at, name, &length) != NULL)
		count++;
	return count;
}
