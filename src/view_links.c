/* SPDX-License-Identifier: ISC */
/*
 * view_links: what a page says beside a result: the addresses of members, articles and tags, and
 * moments as people read them. The one place that knows where the page of a noun is.
 */
#include "json.h"
#include "text.h"
#include "view_parts.h"

#include <string.h>
#include <strings.h>
#include <time.h>

static const char AVATAR[] = "/static/default-avatar.svg";

/* Where a picture is, if the policy lets it be seen: here or by https. */
static const char *
picture(struct mem *m, const char *image, bool images)
{
	bool here = image != NULL && image[0] == '/' && image[1] != '/';

	if (!here && (!images || image == NULL || strncasecmp(image, "https://", 8) != 0))
		return AVATAR;
	return text_url(m, image);
}

static void
put(json_t *json, const char *name, const char *text)
{
	json_object_set_new(json, name, json_string(text));
}

static void
tags(struct mem *m, json_t *json)
{
	json_t *list = mem_json(m, json_array()), *tag;
	size_t i;

	json_array_foreach(json_object_get(json, "tagList"), i, tag)
	{
		json_array_append(list,
			mem_pack(m, "{s:O, s:s}", "name", tag, "tagUrl",
				mem_print(m, "/tag/%s", text_escape(m, json_string_value(tag)))));
	}
	if (json_array_size(list) > 0)
		json_object_set(json, "tags", list);
}

/* A moment of the API, "2026-01-31T23:59:59.000Z", as the zone of this process has it. */
static void
moment(json_t *json, const char *member, const char *time, const char *day)
{
	const char *text = row_text(json, member);
	char out[64];
	struct tm tm = { 0 };
	time_t at;
	size_t n;

	if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return;
	at = timegm(&tm);
	if (localtime_r(&at, &tm) == NULL || (n = strftime(out, 48, "%FT%T%z", &tm)) < 2)
		return;
	memmove(out + n - 1, out + n - 2, 3); /* +0100 is +01:00 in HTML */
	out[n - 2] = ':';
	put(json, time, out);
	if ((n = strftime(out, 32, "%B ", &tm)) > 0 && strftime(out + n, 32, "%e, %Y", &tm) > 0) {
		if (out[n] == ' ') /* of a day of one digit */
			memmove(out + n, out + n + 1, strlen(out + n));
		put(json, day, out);
	}
}

static void
moments(json_t *json)
{
	json_t *created = json_object_get(json, "createdAt");

	moment(json, "createdAt", "createdTime", "createdDay");
	if (created == NULL || !json_equal(created, json_object_get(json, "updatedAt"))) {
		moment(json, "updatedAt", "updatedTime", "updatedDay");
	} else { /* as most are */
		json_object_set(json, "updatedTime", json_object_get(json, "createdTime"));
		json_object_set(json, "updatedDay", json_object_get(json, "createdDay"));
	}
}

void
view_links(struct mem *m, json_t *json, bool images)
{
	const char *username = row_text(json, "username"), *slug = row_text(json, "slug"), *key;
	json_t *member;
	size_t i;

	json_array_foreach(json, i, member)
	{
		view_links(m, member, images);
	}
	json_object_foreach(json, key, member)
	{
		if (json_is_object(member) || json_is_array(member))
			view_links(m, member, images);
	}
	if (username != NULL) {
		put(json, "imageUrl", picture(m, row_text(json, "image"), images));
		put(json, "profileUrl", mem_print(m, "/profile/%s", text_escape(m, username)));
	}
	if (slug != NULL) {
		put(json, "articleUrl", mem_print(m, "/article/%s", text_escape(m, slug)));
		put(json, "editorUrl", mem_print(m, "/editor/%s", text_escape(m, slug)));
	}
	if (json_is_array(json_object_get(json, "tagList")))
		tags(m, json);
	moments(json);
}
