/* SPDX-License-Identifier: ISC */
/* files: files of members: store them, list, read and remove them, and links to them. */
#include "browser.h"
#include "file.h"
#include "filing.h"
#include "guard.h"
#include "json.h"
#include "kind.h"
#include "pager.h"
#include "serve.h"
#include "share.h"
#include "stream.h"
#include "text.h"

#include <malloc.h>
#include <string.h>
#include <time.h>

enum {
	NAME_CHARS = 30,
	PAGE_SIZE = 20,
	PAGES = 10001,
	LINK_DAYS = 7,
	LINK_DAYS_MOST = 366,
	DAY = 24 * 60 * 60
};

static struct viewer
viewer(const struct req *rq)
{
	return (struct viewer){ rq->me->id, strcmp(rq->me->role, "admin") == 0 };
}

static int64_t
id(const struct req *rq)
{
	return row_id(rq->in);
}

/* Lists, and one file. */

static const struct field list_in[] = {
	{ "owner", LINE, .min = 1, .max = NAME_CHARS },
	{ "limit", INT, .min = 1, .max = 100, .clamp = true },
	{ "offset", INT, .min = 0, .max = 1000000, .clamp = true },
	{ 0 },
};

static const struct field id_in[] = {
	{ "id", INT, .min = 1, .max = -1, .need = true },
	{ 0 },
};

/* GET /files */
static json_t *
list(struct req *rq)
{
	struct viewer by = viewer(rq);

	if (json_object_get(rq->in, "limit") == NULL)
		json_object_set_new(rq->in, "limit", json_integer(PAGE_SIZE));
	if (json_object_get(rq->in, "offset") == NULL)
		json_object_set_new(rq->in, "offset", json_integer(0));
	return file_list(rq->db, rq->in, &by);
}

/* GET /files/:id */
static json_t *
show(struct req *rq)
{
	struct viewer by = viewer(rq);

	return under(rq, "file", file_get(rq->db, id(rq), &by));
}

/* DELETE /files/:id */
static json_t *
drop(struct req *rq)
{
	struct viewer by = viewer(rq);

	file_remove(rq->db, id(rq), &by, &rq->origin);
	browser_flash(rq, "success.file-removed");
	goes_to(rq, "/files", NULL);
	return nothing(rq);
}

/* The bytes. */

static json_t *
give(struct req *rq, json_t *file)
{
	if (file == NULL)
		return NULL;
	rq->out.source = file_source(rq->db, file);
	rq->out.cache = "private, no-cache";
	return nothing(rq);
}

/* GET /files/:id/content, under /api */
static json_t *
content(struct req *rq)
{
	struct viewer by = viewer(rq);

	return give(rq, file_get(rq->db, id(rq), &by));
}

static const struct field content_in[] = {
	{ "id", INT, .min = 1, .max = -1, .need = true },
	{ "token", LINE, .max = 1024 },
	{ 0 },
};

/* GET /files/:id/content: for whoever is signed in, or holds a link. */
static json_t *
content_page(struct req *rq)
{
	const char *token = row_text(rq->in, "token");
	struct share s;
	enum err e;

	if (token == NULL)
		return rq->me != NULL ? content(rq) : db_refuse(rq->db, ERR_TOKEN_MISSING, NULL);
	if ((e = share_read(rq->conf, rq->mem, token, &s)) != ERR_NONE)
		return db_refuse(rq->db, e, NULL);
	if (s.file != id(rq))
		return db_refuse(rq->db, ERR_TOKEN_INVALID, NULL);
	return give(rq, file_linked(rq->db, s.file, s.version));
}

/* Links. */

static const struct field link_in[] = {
	{ "id", INT, .min = 1, .max = -1, .need = true },
	{ "days", INT, .min = 1, .max = LINK_DAYS_MOST, .label = "Days that the link works" },
	{ 0 },
};

/* POST /files/:id/links */
static json_t *
link_add(struct req *rq)
{
	json_t *given = json_object_get(rq->in, "days");
	long long days = given != NULL ? json_integer_value(given) : LINK_DAYS;
	struct share s = { id(rq), file_links(rq->db, id(rq), rq->me->id),
		time(NULL) + days * DAY };
	const char *token;
	char until[32] = "";
	struct tm tm;

	if (s.version < 0)
		return NULL;
	if ((token = share_make(rq->conf, rq->mem, &s)) == NULL)
		return db_refuse(rq->db, ERR_INTERNAL, NULL);
	if (gmtime_r(&(time_t){ s.expires }, &tm) != NULL)
		strftime(until, sizeof until, "%FT%T.000Z", &tm);
	return mem_pack(rq->mem, "{s:{s:s, s:s}}", "link", "url",
		mem_print(rq->mem, "%s/files/%lld/content?token=%s", conf_issuer(rq->conf),
			(long long)s.file, token),
		"expiresAt", until);
}

/* DELETE /files/:id/links */
static json_t *
links_end(struct req *rq)
{
	file_end_links(rq->db, id(rq), rq->me->id);
	browser_flash(rq, "success.links-ended");
	goes_to(rq, "/files/:id", rq->in);
	return nothing(rq);
}

/* Pages. */

/* What people read of a file, and where its buttons lead. */
static void
describe(struct req *rq, json_t *file)
{
	static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB" };
	double size = (double)row_number(file, "size");
	size_t unit = 0;
	const char *page = mem_print(rq->mem, "/files/%lld", (long long)row_id(file));

	while (size >= 1000 && unit < sizeof units / sizeof units[0] - 1) {
		size /= 1000;
		unit++;
	}
	json_object_set_new(file, "sizeText",
		json_string(
			mem_print(rq->mem, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit])));
	json_object_set_new(file, "pageUrl", json_string(page));
	json_object_set_new(
		file, "contentUrl", json_string(mem_print(rq->mem, "%s/content", page)));
	json_object_set_new(file, "deleteUrl", json_string(mem_print(rq->mem, "%s/delete", page)));
	json_object_set_new(file, "endUrl", json_string(mem_print(rq->mem, "%s/end-links", page)));
	json_object_set_new(
		file, "own", json_boolean(strcmp(row_text(file, "owner"), rq->me->username) == 0));
}

static const struct field page_in[] = {
	{ "owner", LINE, .min = 1, .max = NAME_CHARS },
	{ "page", INT, .min = 1, .max = PAGES, .clamp = true, .null = true },
	{ 0 },
};

/* GET /files */
static json_t *
page(struct req *rq)
{
	const char *owner = row_text(rq->in, "owner"), *url = "/files?page=";
	long at = (long)row_number(rq->in, "page");
	json_t *result, *file, *links;
	int64_t all;
	size_t i;

	at = at > 0 ? at : 1;
	json_object_set_new(rq->in, "limit", json_integer(PAGE_SIZE));
	json_object_set_new(rq->in, "offset", json_integer((at - 1) * PAGE_SIZE));
	if ((result = list(rq)) == NULL)
		return NULL;
	json_array_foreach(json_object_get(result, "files"), i, file)
	{
		describe(rq, file);
	}
	all = row_number(result, "filesCount");
	if (owner != NULL) {
		url = mem_print(rq->mem, "/files?owner=%s&page=", text_escape(rq->mem, owner));
		json_object_set_new(result, "ownerName", json_string(owner));
	}
	links = pager(rq->mem, url, at, (long)((all + PAGE_SIZE - 1) / PAGE_SIZE));
	if (links != NULL)
		json_object_set(result, "pager", links);
	json_object_set_new(result, "some",
		json_boolean(json_array_size(json_object_get(result, "files")) > 0));
	if (all > 0)
		json_object_set_new(
			result, "firstUrl", json_string(mem_print(rq->mem, "%s1", url)));
	return result;
}

/* GET /files/:id */
static json_t *
page_of_one(struct req *rq)
{
	json_t *result = show(rq);

	if (result == NULL)
		return NULL;
	describe(rq, json_object_get(result, "file"));
	json_object_set(result, "new", mem_pack(rq->mem, "{s:i}", "days", LINK_DAYS));
	return result;
}

/* POST /files/:id: a link, shown this once. */
static json_t *
page_link(struct req *rq)
{
	json_t *made = link_add(rq), *result = made != NULL ? page_of_one(rq) : NULL;

	if (result != NULL)
		json_object_set(result, "made", json_object_get(made, "link"));
	return result;
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ POST, "/files", NULL, MEMBER, NULL, filing_in, filing_take, filing_add, 201, NULL,
		FEATURE_FILES },
	{ GET, "/files", NULL, MEMBER, NULL, list_in, NULL, list, 200, NULL, FEATURE_FILES },
	{ GET, "/files/:id", NULL, MEMBER, NULL, id_in, NULL, show, 200, NULL, FEATURE_FILES },
	{ DELETE, "/files/:id", NULL, MEMBER, NULL, id_in, NULL, drop, 204, NULL, FEATURE_FILES },
	{ GET, "/files/:id/content", NULL, MEMBER, NULL, id_in, NULL, content, 200, NULL,
		FEATURE_FILES },
	{ POST, "/files/:id/links", NULL, MEMBER, NULL, link_in, NULL, link_add, 201, NULL,
		FEATURE_FILES },
	{ DELETE, "/files/:id/links", NULL, MEMBER, NULL, id_in, NULL, links_end, 204, NULL,
		FEATURE_FILES },
	{ GET, NULL, "/files", MEMBER, NULL, page_in, NULL, page, 200, "files", FEATURE_FILES },
	{ POST, NULL, "/files", MEMBER, NULL, filing_in, filing_take, filing_add, 200, NULL,
		FEATURE_FILES },
	{ GET, NULL, "/files/:id", MEMBER, NULL, id_in, NULL, page_of_one, 200, "file",
		FEATURE_FILES },
	{ POST, NULL, "/files/:id", MEMBER, "new", link_in, NULL, page_link, 200, NULL,
		FEATURE_FILES },
	{ POST, NULL, "/files/:id/delete", MEMBER, NULL, id_in, NULL, drop, 200, NULL,
		FEATURE_FILES },
	{ POST, NULL, "/files/:id/end-links", MEMBER, NULL, id_in, NULL, links_end, 200, NULL,
		FEATURE_FILES },
	{ GET, NULL, "/files/:id/content", OPEN, NULL, content_in, NULL, content_page, 200, NULL,
		FEATURE_FILES },
	{ 0 },
};

int
main(int argc, char **argv)
{
	if (serve_option(argc, argv, "--kind"))
		return kind_filter();
	mallopt(M_MMAP_THRESHOLD, FILE_PIECE / 4); /* what is large goes back when it is free */
	return serve(argc, argv,
		&(struct program){ "files", "content", routes, .counts = true, .pages = &page_steps,
			.stream = &stream_steps, .undo = filing_undo });
}
