/* SPDX-License-Identifier: ISC */
/* filing: the row that stores a file of a member as it comes. Owns its form, and the order of what
 * is done with each piece. */
#include "filing.h"

#include "browser.h"
#include "file.h"
#include "json.h"
#include "kind.h"
#include "multipart.h"
#include "text.h"

#include <string.h>

enum {
	DESCRIPTION_CHARS = 250
};

const struct field filing_in[] = {
	{ "description", LINE, .min = 1, .max = DESCRIPTION_CHARS, .need = true,
		.hint = "What it is, so that you find it again; no two files with the same." },
	{ "inputFile", UPLOAD, .need = true, .label = "File" },
	{ 0 },
};

/* The next piece of the file, or what is left. -1 with the error noted. */
static ssize_t
piece(struct req *rq, char *to)
{
	size_t all = 0;
	ssize_t n;

	while (all < FILE_PIECE) {
		if ((n = input_some(rq->sent, to + all, FILE_PIECE - all, &rq->fault)) < 0)
			return -1;
		if (n == 0)
			break;
		all += (size_t)n;
	}
	return (ssize_t)all;
}

/* Keep all of the file. What it is, its beginning says. False with the error noted. */
static bool
keep(struct req *rq, struct upload *up, const char **type, char sha256[TEXT_DIGEST_SIZE])
{
	struct text_hash *hash = text_hash_new(rq->mem);
	char *bytes = mem_get(rq->mem, FILE_PIECE);
	ssize_t n;

	while ((n = piece(rq, bytes)) > 0) {
		struct mem_mark mark;

		if (up->size + n > rq->conf->limits_file)
			return db_refuse(rq->db, ERR_BODY_LARGE, NULL) != NULL;
		if (up->size == 0)
			*type = kind_of(rq->mem, bytes, (size_t)n);
		text_hash_add(hash, bytes, (size_t)n);
		mark = mem_mark(rq->mem);
		if (!file_add(rq->db, up, bytes, (size_t)n))
			return false;
		mem_back(rq->mem, &mark);
	}
	text_hash_end(hash, sha256);
	return n == 0 && file_flush(rq->db, up);
}

json_t *
filing_take(struct req *rq)
{
	const char *type = "application/x-empty";
	char sha256[TEXT_DIGEST_SIZE];
	struct upload up = { 0 };
	int64_t announced = (int64_t)rq->http.declared - MULTIPART_FORM_BYTES;

	if (announced > rq->conf->limits_file)
		return db_refuse(rq->db, ERR_BODY_LARGE, NULL);
	if (!file_begin(rq->db, &up, rq->me->id, row_text(rq->in, "description"),
		    announced > 0 ? announced : 0, rq->conf->limits_files))
		return NULL;
	rq->held = mem_pack(rq->mem, "{s:I}", "id", (json_int_t)up.id);
	if (!keep(rq, &up, &type, sha256))
		return NULL;
	return db_args(rq->db, rq->held, "{s:I, s:s, s:s}", "size", (json_int_t)up.size, "sha256",
		sha256, "type", type);
}

json_t *
filing_add(struct req *rq)
{
	json_t *args = db_args(rq->db, rq->held, "{s:s, s:s}", "description",
		row_text(rq->in, "description"), "name",
		row_text(json_object_get(rq->in, "inputFile"), "name"));
	json_t *row = file_finish(rq->db, args, rq->me->id, rq->conf->limits_files);

	browser_flash(rq, "success.file-stored");
	goes_to(rq, "/files", NULL);
	return under(rq, "file", row);
}

json_t *
filing_undo(struct req *rq)
{
	file_undo(rq->db, row_id(rq->held));
	return NULL;
}
