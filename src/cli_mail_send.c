/* SPDX-License-Identifier: ISC */
/*
 * cli_mail_send: postern mail send: writes to members. Owns who is meant and what may be attached;
 * only puts mails into the outbox, and refuses there what could not be sent later.
 */
#include "cli_mail.h"
#include "json.h"
#include "mailing.h"
#include "text.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

enum {
	FILES = 20,
	FILES_BYTES = 10 << 20 /* of all attachments: in base64 a third more, one statement each */
};

struct sending {
	struct cli *c;
	json_t *to; /* [{id, username, email}] */
	json_t *seen;
	struct mime mail;
	struct mime_file files[FILES];
	size_t bytes;
	const char *copies, *hidden, *reply_to;
};

static int
usage(void)
{
	return cli_fail(
		"usage: postern mail send --to NAME|ADDRESS|group:GROUP --subject TEXT --text "
		"FILE [--html FILE] [--attach FILE]… [--cc BOX]… [--bcc BOX]… [--reply-to BOX] "
		"[--dry-run]");
}

/* Each address once. */
static void
add(struct sending *s, json_t *member)
{
	const char *email = row_text(member, "email");
	char *key = mem_copy(s->c->mem, email, strlen(email));

	text_lower(key);
	if (json_object_get(s->seen, key) != NULL)
		return;
	json_object_set_new(s->seen, key, json_true());
	json_array_append(s->to, member);
}

static bool
add_group(struct sending *s, const char *group)
{
	struct db *db = s->c->db;
	bool known = mailing_group(db, group), all = !known && strcmp(group, "members") == 0;
	json_t *members, *one;
	size_t i;

	if (db_ok(db) && !known && !all)
		return cli_fail("there is no group %s (postern group list)", group), false;
	members = mailing_members(db, all ? NULL : group);
	if (members == NULL)
		return cli_fault(s->c), false;
	json_array_foreach(members, i, one)
	{
		add(s, one);
	}
	return true;
}

/* A member's name, an address of anybody, or group:NAME; group:members is all, where no group is
 * called so. */
static bool
add_to(struct sending *s, const char *who)
{
	struct mime_box box;
	const char *why;
	json_t *member;

	if (strncmp(who, "group:", 6) == 0)
		return add_group(s, who + 6);
	if (strchr(who, '@') == NULL) {
		if ((member = cli_member(s->c, who)) == NULL)
			return false;
		add(s, member);
		return true;
	}
	if ((why = mime_read_box(s->c->mem, who, &box)) != NULL)
		return cli_fail("--to: %s", why), false;
	add(s,
		mem_pack(s->c->mem, "{s:i, s:s, s:s}", "id", 0, "username", "", "email",
			box.address));
	return true;
}

/* All mailboxes of an option, checked, between line breaks. False with a line on standard error. */
static bool
boxes(struct cli *c, const char *option, const char **out)
{
	const char *box, *why;
	struct mime_box read;
	int n = 0;

	*out = "";
	while ((box = cli_option(c, option)) != NULL) {
		if ((why = mime_read_box(c->mem, box, &read)) != NULL)
			return cli_fail("%s: %s", option, why), false;
		if (++n > MAIL_COPIES)
			return cli_fail("%s: at most %d", option, MAIL_COPIES), false;
		*out = mem_print(c->mem, "%s%s%s", *out, n > 1 ? "\n" : "", box);
	}
	return true;
}

/* By its ending; a browser or mail program looks for itself at all others. */
static const char *
type_of(const char *name)
{
	static const char *const types[][2] = { { ".pdf", "application/pdf" },
		{ ".txt", "text/plain" }, { ".csv", "text/csv" }, { ".ics", "text/calendar" },
		{ ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".jpeg", "image/jpeg" },
		{ ".webp", "image/webp" }, { ".gif", "image/gif" }, { ".zip", "application/zip" } };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(dot, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

static bool
attach(struct sending *s, const char *path)
{
	size_t length;
	const char *name, *content = cli_read(s->c->mem, path, &length);

	if (content == NULL)
		return cli_fail("%s: %s", path, strerror(errno)), false;
	s->bytes += length;
	if (s->bytes > FILES_BYTES || s->mail.files_count == FILES)
		return cli_fail("at most %d files can be attached, of %d MB together", FILES,
			       FILES_BYTES >> 20),
		       false;
	name = basename(mem_copy(s->c->mem, path, strlen(path)));
	s->files[s->mail.files_count++] =
		(struct mime_file){ name, type_of(name), mime_base64(s->c->mem, content, length) };
	return true;
}

/* A file of text; without one NULL, and *good stays. */
static const char *
text_file(struct cli *c, const char *option, bool *good)
{
	const char *path = cli_option(c, option), *text;
	size_t length = 0;

	if (path == NULL)
		return NULL;
	text = cli_read(c->mem, strcmp(path, "-") == 0 ? "/dev/stdin" : path, &length);
	if (text == NULL)
		cli_fail("%s: %s", path, strerror(errno));
	else if (!text_utf8(text, length))
		cli_fail("%s: is not UTF-8", path), text = NULL;
	*good = *good && text != NULL;
	return text;
}

/* All words; false with a line on standard error. */
static bool
read_words(struct sending *s)
{
	struct cli *c = s->c;
	struct mime_box box;
	const char *word, *why;
	bool good = true;

	while ((word = cli_option(c, "--to")) != NULL)
		if (!add_to(s, word))
			return false;
	while ((word = cli_option(c, "--attach")) != NULL)
		if (!attach(s, word))
			return false;
	s->mail.subject = cli_option(c, "--subject");
	s->mail.text = text_file(c, "--text", &good);
	s->mail.html = text_file(c, "--html", &good);
	s->reply_to = cli_option(c, "--reply-to");
	if (!good || !boxes(c, "--cc", &s->copies) || !boxes(c, "--bcc", &s->hidden))
		return false;
	if (s->reply_to != NULL && (why = mime_read_box(c->mem, s->reply_to, &box)) != NULL)
		return cli_fail("--reply-to: %s", why), false;
	if (c->argc > 0 || s->mail.subject == NULL || s->mail.text == NULL ||
		*s->mail.subject == '\0')
		return usage(), false;
	if (strlen(s->mail.subject) > 500)
		return cli_fail("the subject is too long: 500 bytes at most"), false;
	return true;
}

/* Whether the worker will be able to write it, to each of them. */
static bool
can_be_written(struct sending *s)
{
	struct mime_box dummy = { "", "postern@localhost" };
	const char *why;
	json_t *one;
	size_t i, length;

	if (json_array_size(s->to) == 0)
		return cli_fail("--to names nobody who gets mail"), false;
	if (json_array_size(s->to) > 1 && (*s->copies != '\0' || *s->hidden != '\0'))
		return cli_fail(
			       "--cc and --bcc go with one --to alone: each of the %zu would send a "
			       "copy",
			       json_array_size(s->to)),
		       false;
	json_array_foreach(s->to, i, one)
	{
		if ((why = mime_address_wrong(row_text(one, "email"))) != NULL)
			return cli_fail("%s: %s", row_text(one, "email"), why), false;
	}
	s->mail.from = s->mail.to = dummy;
	s->mail.id = dummy.address;
	s->mail.files = s->files;
	if (mime_write(s->c->mem, &s->mail, &length, &why) == NULL)
		return cli_fail("%s", why), false;
	return true;
}

static int
put_out(struct sending *s)
{
	struct cli *c = s->c;
	struct db *db = c->db;
	int64_t id;
	json_t *one;
	size_t i;

	db_start(db, true);
	id = mailing_add(db,
		mem_pack(c->mem, "{s:s, s:s, s:s?, s:s, s:s, s:s?}", "subject", s->mail.subject,
			"text", s->mail.text, "html", s->mail.html, "copies", s->copies, "hidden",
			s->hidden, "replyTo", s->reply_to));
	for (i = 0; i < s->mail.files_count; i++)
		mailing_attach(db,
			mem_pack(c->mem, "{s:I, s:i, s:s, s:s, s:s}", "mailing", (json_int_t)id,
				"place", (int)i, "name", s->files[i].name, "type", s->files[i].type,
				"content", s->files[i].base64));
	json_array_foreach(s->to, i, one)
	{
		mailing_post(db, id, row_id(one), row_text(one, "email"));
	}
	if (!db_end(db))
		return cli_fault(c);
	return printf("%zu mail%s: postern mail sends what waits\n", i, i == 1 ? "" : "s") < 0;
}

int
mail_send(struct cli *c)
{
	struct sending s = { .c = c,
		.to = mem_json(c->mem, json_array()),
		.seen = mem_json(c->mem, json_object()) };
	bool dry = cli_flag(c, "--dry-run");
	json_t *one;
	size_t i;

	db_start(c->db, false);
	if (!read_words(&s) || !can_be_written(&s))
		return 1;
	if (!dry)
		return put_out(&s);
	json_array_foreach(s.to, i, one)
	{
		printf("%s %s\n", row_text(one, "email"), row_text(one, "username"));
	}
	return printf("%zu mail%s would be sent\n", i, i == 1 ? "" : "s") < 0;
}
