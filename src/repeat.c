/* SPDX-License-Identifier: ISC */
/*
 * repeat: the answers to questions that were asked before. Owns what such a question is, which
 * answers are kept, and for how long: until others are asked for more. That the rows are the same
 * is db_trail.c's to say.
 */
#include "repeat.h"

#include <stdlib.h>
#include <string.h>

enum {
	ANSWERS = 16,
	MOST = 64 * 1024, /* bytes of the rows, and of the answer, that are kept */
	MISSED = 64,      /* questions that are known, without their answers */
	NEVER = 8,        /* rows whose answers are each visitor's own */
};

struct answer {
	uint64_t hash; /* of the question */
	char *question;
	struct mem *m; /* NULL: there is none */
	struct db_trail *trail;
	struct http_response response;
	uint64_t used; /* when: the least goes first */
};

struct repeats {
	struct answer answers[ANSWERS];
	uint64_t missed[MISSED]; /* in turn */
	uint64_t turn;
	const struct route *never[NEVER]; /* in turn */
	size_t nevers;
	struct answer *coming; /* its trail is being followed; NULL: none */
};

static struct repeats *
open_repeats(void)
{
	struct repeats *r = calloc(1, sizeof *r);

	if (r == NULL)
		mem_abort("out of memory");
	return r;
}

static void
forget(struct answer *a)
{
	if (a->m != NULL)
		mem_free(a->m);
	*a = (struct answer){ 0 };
}

static void
close_repeats(struct repeats *r)
{
	for (size_t i = 0; i < ANSWERS; i++)
		forget(&r->answers[i]);
	free(r);
}

/* Whether it could have been anybody who asks, and wants no more than the answer. */
static bool
by_anybody(const struct req *rq)
{
	const struct http_request *h = &rq->http;

	return rq->match.route != NULL && h->method == GET && h->authorization == NULL &&
		*h->cookies == '\0' && h->origin == NULL && *h->none_match == '\0' &&
		*h->if_match == '\0' && h->length == 0 && h->coming == NULL && h->wrong == ERR_NONE;
}

/* FNV-1a. Who makes two questions meet gains nothing: they are compared, too. */
static uint64_t
hash_of(const char *question)
{
	uint64_t hash = 14695981039346656037U;

	for (; *question != '\0'; question++)
		hash = (hash ^ (unsigned char)*question) * 1099511628211U;
	return hash;
}

static struct answer *
find(struct repeats *r, uint64_t hash, const char *question)
{
	for (size_t i = 0; i < ANSWERS; i++)
		if (r->answers[i].m != NULL && r->answers[i].hash == hash &&
			strcmp(r->answers[i].question, question) == 0)
			return &r->answers[i];
	return NULL;
}

/* Whether it was asked lately: who goes through a thousand articles makes nothing be kept. */
static bool
missed_before(struct repeats *r, uint64_t hash)
{
	for (size_t i = 0; i < MISSED; i++)
		if (r->missed[i] == hash)
			return true;
	r->missed[r->turn % MISSED] = hash;
	return false;
}

static bool
is_never(const struct repeats *r, const struct route *route)
{
	for (size_t i = 0; i < NEVER; i++)
		if (r->never[i] == route)
			return true;
	return false;
}

static struct answer *
oldest(struct repeats *r)
{
	struct answer *found = &r->answers[0];

	for (size_t i = 1; i < ANSWERS; i++)
		if (r->answers[i].used < found->used)
			found = &r->answers[i];
	return found;
}

/* The rows go into its memory as they come. */
static void
begin(struct repeats *r, struct answer *a, struct req *rq, const char *question)
{
	forget(a);
	a->m = mem_new();
	a->hash = hash_of(question);
	a->question = mem_copy(a->m, question, strlen(question));
	a->trail = db_trail_new(a->m, MOST);
	a->used = r->turn;
	r->coming = a;
	db_follow(rq->db, a->trail);
}

static const char ID[] = "X-Request-ID";

static bool
answer(struct repeats *r, struct req *rq, struct http_response *rs)
{
	const char *question;
	struct answer *a;
	uint64_t hash;

	if (!by_anybody(rq) || is_never(r, rq->match.route))
		return false;
	r->turn++;
	/* A path has been decoded: there may be a "?" in it. */
	question = mem_print(rq->mem, "%d %zu %s?%s", rq->http.https, strlen(rq->http.path),
		rq->http.path, rq->http.query);
	hash = hash_of(question);
	if ((a = find(r, hash, question)) == NULL) {
		if (missed_before(r, hash))
			begin(r, oldest(r), rq, question);
		return false;
	}
	db_start(rq->db, false);
	if (!db_same(rq->db, a->trail)) {
		rq->fault.count = 0; /* what was wrong is met once more, and treated as it should */
		rq->lost = db_trouble(rq->db) == DB_LOST;
		begin(r, a, rq, question);
		return false;
	}
	a->used = r->turn;
	*rs = a->response;
	for (size_t i = 0; i < rs->headers; i++)
		if (rs->header[i].name == ID)
			rs->header[i].value = rq->http.id;
	return true;
}

/* Whether this row makes for each visitor an answer of their own, or none of rows. */
static bool
of_its_own(const struct req *rq, const struct http_response *rs)
{
	for (size_t i = 0; i < rs->headers; i++)
		if (strcmp(rs->header[i].name, "Set-Cookie") == 0)
			return true;
	return rq->out.bytes != NULL || rs->source != NULL;
}

static bool
for_anybody(const struct req *rq, const struct http_response *rs)
{
	return rs->status == 200 && rs->length <= MOST && rq->me == NULL &&
		rq->browser.viewer == NULL && !of_its_own(rq, rs);
}

static void
keep(struct repeats *r, struct req *rq, const struct http_response *rs)
{
	struct answer *a = r->coming;
	struct http_response *to;

	if (a == NULL)
		return;
	r->coming = NULL;
	db_follow(rq->db, NULL);
	if (!for_anybody(rq, rs) || !db_trail_good(a->trail)) {
		if (rs->status == 200 && of_its_own(rq, rs))
			r->never[r->nevers++ % NEVER] = rq->match.route;
		forget(a);
		return;
	}
	to = &a->response;
	*to = *rs;
	to->body = mem_copy(a->m, rs->body, rs->length);
	for (size_t i = 0; i < to->headers; i++) {
		const char *name = to->header[i].name, *value = to->header[i].value;

		to->header[i].name =
			strcmp(name, ID) == 0 ? ID : mem_copy(a->m, name, strlen(name));
		to->header[i].value = mem_copy(a->m, value, strlen(value));
	}
}

const struct repeat_steps repeat_steps = { open_repeats, close_repeats, answer, keep };
