/* SPDX-License-Identifier: ISC */
/* pictures: one's own profile picture: send it, take it away. */
#include "avatar.h"
#include "browser.h"
#include "json.h"
#include "picture.h"
#include "serve.h"
#include "text.h"

#include <string.h>

enum {
	FORM_BYTES = 64 * 1024 /* of a form beside its file; nginx knows it too: nginx/site.sh */
};

static const struct field image_in[] = {
	{ "image", UPLOAD, .min = 1, .need = true, .label = "Picture",
		.accept = "image/jpeg,image/png,image/webp" },
	{ 0 },
};

static long
body(const struct conf *conf)
{
	return conf->limits_picture + FORM_BYTES;
}

/* Decode what came, which takes its time: {webp: hexadecimal}. */
static json_t *
decode(struct req *rq)
{
	size_t length, size;
	const char *bytes = input_file(rq->sent, "image", &length), *webp;
	char *hex;
	enum err e;

	if (length > (size_t)rq->conf->limits_picture)
		return db_refuse(rq->db, ERR_BODY_LARGE, NULL);
	if ((e = picture_apart(rq->mem, bytes, length, &webp, &size)) != ERR_NONE)
		return db_refuse(rq->db, e, NULL);
	hex = mem_get(rq->mem, 2 * size + 1);
	text_hex(hex, webp, size);
	return mem_pack(rq->mem, "{s:s}", "webp", hex);
}

static json_t *
set(struct req *rq)
{
	const char *file = row_text(json_object_get(rq->in, "image"), "name");
	json_t *result = avatar_set(rq->db, rq->me->id, file, row_text(rq->held, "webp"));

	browser_flash(rq, "success.picture");
	goes_to(rq, "/settings", NULL);
	return result;
}

static json_t *
drop(struct req *rq)
{
	avatar_remove(rq->db, rq->me->id);
	browser_flash(rq, "success.picture-removed");
	goes_to(rq, "/settings", NULL);
	return nothing(rq);
}

/* GET /settings/image: the form alone; a refused one comes back here. */
static json_t *
show(struct req *rq)
{
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ PUT, "/user/image", NULL, MEMBER, NULL, image_in, decode, set, 200, NULL },
	{ DELETE, "/user/image", NULL, MEMBER, NULL, NULL, NULL, drop, 204, NULL },
	{ GET, NULL, "/settings/image", MEMBER, NULL, NULL, NULL, show, 200, "picture" },
	{ POST, NULL, "/settings/image", MEMBER, NULL, image_in, decode, set, 200, NULL },
	{ POST, NULL, "/settings/image/remove", MEMBER, NULL, NULL, NULL, drop, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	if (serve_option(argc, argv, "--convert"))
		return picture_filter();
	return serve(argc, argv,
		&(struct program){
			"pictures", "pictures", routes, .body = body, .pages = &page_steps });
}
