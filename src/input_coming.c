/* SPDX-License-Identifier: ISC */
/*
 * input_coming: a form whose file is read as it comes. Owns what of it is known when: the texts
 * before the file, the file, the texts behind it.
 */
#include "input_sent.h"
#include "multipart.h"

#include <string.h>

/* Read parts; up to the first file that was chosen, if it shall stop there. */
static bool
read_parts(struct sent *sent, bool stop, struct fault *fault)
{
	struct http_pair *pairs = (struct http_pair *)sent->pairs;
	struct http_pair part;
	enum err e;

	while ((e = multipart_next(sent->coming, &part)) == ERR_NONE && part.name != NULL) {
		bool chosen =
			part.filename != NULL && (*part.filename != '\0' || part.value_length > 0);

		if (part.filename != NULL && !(chosen && stop)) /* there is one, or none */
			continue;
		pairs[sent->pair_count++] = part;
		if (chosen)
			return true;
	}
	return e == ERR_NONE || err_add(fault, e, NULL, MULTIPART_PARTS);
}

struct sent *
input_come(struct mem *m, const struct http_request *rq, const struct http_pair *path,
	size_t path_count, struct fault *fault)
{
	struct sent *sent = mem_get(m, sizeof *sent);

	sent->path = path;
	sent->path_count = path_count;
	sent->pairs = mem_get(m, MULTIPART_PARTS * sizeof *sent->pairs);
	sent->coming = multipart_open(m, rq->boundary, rq->coming);
	if (sent->coming == NULL) {
		err_add(fault, ERR_MULTIPART, NULL, 0);
		return NULL;
	}
	return read_parts(sent, true, fault) ? sent : NULL;
}

ssize_t
input_some(struct sent *sent, char *to, size_t size, struct fault *fault)
{
	ssize_t n = multipart_some(sent->coming, to, size);

	if (n < 0)
		err_add(fault, multipart_wrong(sent->coming), NULL, 0);
	return n;
}

bool
input_rest(struct sent *sent, struct fault *fault)
{
	return read_parts(sent, false, fault);
}
