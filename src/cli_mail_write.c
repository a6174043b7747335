/* SPDX-License-Identifier: ISC */
/*
 * cli_mail_write: makes a mail of a row of the outbox: whose it is, the token of its link, the
 * words of its templates. Owns what is derived from mail.key: the same row gives the same bytes,
 * however often it is sent. Knows no server.
 */
#include "cli_mail.h"
#include "conf_place.h"
#include "json.h"
#include "letter.h"
#include "mailing.h"
#include "outbox_work.h"
#include "text.h"
#include "tmpl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	KEY_CHARS = 32
};

struct writer {
	struct mem *mem;
	const struct conf *conf;
	struct tmpls *tmpls;
	json_t *site;
	struct mime_box from, reply_to;
	const char *host; /* behind the @ of Message-IDs */
};

/* What stands between :// and the port, of the site's address. */
static const char *
host_of(struct mem *m, const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const char *name = mem_copy(m, host, strcspn(host, ":/"));

	/* An IPv6 address in brackets, or another that is no name, is none behind an @. */
	return mime_address_wrong(mem_print(m, "a@%s", name)) != NULL ? "localhost" : name;
}

static bool
read_boxes(struct writer *w)
{
	const struct conf *conf = w->conf;
	const char *why;

	w->host = host_of(w->mem, conf_issuer(conf));
	w->from = (struct mime_box){ conf->site_name, mem_print(w->mem, "noreply@%s", w->host) };
	if (*conf->mail_from != '\0' &&
		(why = mime_read_box(w->mem, conf->mail_from, &w->from)) != NULL)
		return cli_fail("mail.from: %s", why), false;
	if (*conf->mail_reply_to != '\0' &&
		(why = mime_read_box(w->mem, conf->mail_reply_to, &w->reply_to)) != NULL)
		return cli_fail("mail.reply_to: %s", why), false;
	return true;
}

static bool
read_templates(struct writer *w)
{
	const char *own = w->conf->site_templates, *why;
	char installed[PATH_MAX];
	const char *folders[] = { own, installed, NULL };

	if (!conf_near(installed, "templates"))
		return cli_fail("no folder templates beside or above the program"), false;
	w->tmpls = tmpls_new(folders, false);
	for (const struct letter *l = letters; l->name != NULL; l++) {
		if (strcmp(l->name, "mailing") == 0)
			continue;
		if (tmpls_need(w->tmpls, mem_print(w->mem, "mail/%s.txt", l->name), &why) == NULL ||
			tmpls_need(w->tmpls, mem_print(w->mem, "mail/%s.html", l->name), &why) ==
				NULL)
			return cli_fail("%s", why), false;
	}
	return true;
}

struct writer *
writer_open(struct cli *c)
{
	struct mem *m = mem_new();
	struct writer *w = mem_get(m, sizeof *w);

	*w = (struct writer){ .mem = m, .conf = c->conf };
	w->site = mem_pack(m, "{s:s, s:s, s:s, s:s}", "name", c->conf->site_name, "tagline",
		c->conf->site_tagline, "contact", c->conf->site_contact, "homeUrl",
		text_url(m, conf_issuer(c->conf)));
	if (strlen(c->conf->mail_key) < KEY_CHARS)
		cli_fail("mail.key is missing or too short: put `key = ` and %d random characters "
			 "below [mail] in mail.conf",
			KEY_CHARS);
	else if (read_boxes(w) && read_templates(w))
		return w;
	writer_close(w);
	return NULL;
}

void
writer_close(struct writer *w)
{
	if (w->tmpls != NULL)
		tmpls_free(w->tmpls);
	mem_free(w->mem);
}

/* Base64url of an HMAC over what makes the row unlike any other. */
static const char *
derived(struct writer *w, struct mem *m, const char *label, json_t *row)
{
	uint8_t mac[32];
	char *out = mem_get(m, text_base64url_size(sizeof mac));

	text_hmac(mac, w->conf->mail_key,
		mem_print(m, "%s %lld %s", label, (long long)row_id(row),
			row_text(row, "createdAt")));
	text_base64url(out, mac, sizeof mac);
	return out;
}

/* Whether it goes to a member, or to nobody. */
static bool
wants_member(const struct letter *letter)
{
	return letter->to_account || letter->token == ONE_TIME_CONFIRM;
}

/* Whose mail it is: {id, username, email}, or NULL. A confirmation that was asked for by address
 * alone goes to whoever has not confirmed it yet. */
static json_t *
addressee(struct db *db, const struct letter *letter, json_t *row)
{
	char *key =
		mem_copy(db_mem(db), row_text(row, "address"), strlen(row_text(row, "address")));
	json_t *args;

#define MEMBER                                                                                     \
	"SELECT u.id, u.username, a.email FROM users u JOIN addresses a ON a.user_id = u.id WHERE "
	text_lower(key);
	args = db_args(db, NULL, "{s:O?, s:s}", "user", json_object_get(row, "userId"), "key", key);
	if (row_number(row, "userId") != 0)
		return db_row(db, MEMBER "u.id = :user", args);
	if (!wants_member(letter))
		return NULL;
	return db_row(db,
		MEMBER "a.email_key = :key AND NOT u.locked"
		       " AND (NOT :waits OR a.email_confirmed_at IS NULL)",
		db_args(db, args, "{s:b}", "waits", letter->token == ONE_TIME_CONFIRM));
}

static const char *
life_text(struct mem *m, long life)
{
	static const struct {
		long seconds;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	size_t i = 0;

	while (life % units[i].seconds != 0 || life < units[i].seconds)
		i++;
	return mem_print(m, "%ld %s%s", life / units[i].seconds, units[i].name,
		life == units[i].seconds ? "" : "s");
}

/* The address of the letter's link; "" where it has none; NULL: it was used, or trouble noted. */
static const char *
link_of(struct writer *w, struct db *db, const struct letter *letter, json_t *row, int64_t user)
{
	struct mem *m = db_mem(db);
	const char *token = "";

	if (letter->path == NULL)
		return "";
	if (letter->token != ONE_TIME_NONE) {
		token = derived(w, m, "link", row);
		if (!one_time_put(
			    db, letter->token, token, user, row_text(row, "address"), letter->life))
			return NULL;
	}
	return mem_print(m, "%s%s%s", conf_issuer(w->conf), letter->path, token);
}

/* Fill the templates in: subject, text and HTML of the mail. */
static const char *
say(struct writer *w, struct mem *m, const char *letter, json_t *data, struct mime *mail)
{
	static const char subject[] = "Subject: ";
	const char *why, *text, *line;
	size_t length;

	text = tmpl_render(
		m, tmpls_need(w->tmpls, mem_print(m, "mail/%s.txt", letter), &why), data, &length);
	if (strncmp(text, subject, strlen(subject)) != 0)
		return "the template's first line is no Subject: …";
	text += strlen(subject);
	line = strchrnul(text, '\n');
	mail->subject = mem_copy(m, text, (size_t)(line - text));
	mail->text = line + strspn(line, "\r\n");
	mail->html = tmpl_render(
		m, tmpls_need(w->tmpls, mem_print(m, "mail/%s.html", letter), &why), data, &length);
	return NULL;
}

/* What the templates of a letter are told: what the row says, and above that what is ours. */
static json_t *
told(struct writer *w, struct mem *m, json_t *row, const struct letter *letter, const char *url,
	json_t *user)
{
	json_t *data = json_loads(row_text(row, "told"), 0, NULL);

	data = mem_json(m, json_is_object(data) ? data : json_object());
	json_object_update(data,
		mem_pack(m, "{s:O, s:s, s:s}", "site", w->site, "address", row_text(row, "address"),
			"linkUrl", text_url(m, url)));
	if (user != NULL)
		json_object_update(data,
			mem_pack(m, "{s:{s:s}}", "user", "username", row_text(user, "username")));
	if (letter->life > 0)
		json_object_update(
			data, mem_pack(m, "{s:s}", "lifeText", life_text(m, letter->life)));
	return data;
}

/* Mailboxes between line breaks. */
static size_t
read_list(struct mem *m, const char *list, struct mime_box *boxes)
{
	size_t n = 0;

	for (; *list != '\0' && n < MAIL_COPIES; list += *list == '\n') {
		size_t length = strcspn(list, "\n");

		if (mime_read_box(m, mem_copy(m, list, length), &boxes[n]) == NULL)
			n++;
		list += length;
	}
	return n;
}

/* What was written by hand, with its copies, which the envelope gets too, and its files. */
static bool
mailing(struct db *db, json_t *row, struct mime *mail, const char **to, size_t *count)
{
	struct mem *m = db_mem(db);
	json_t *written = mailing_get(db, row_number(row, "mailingId")), *files, *one;
	struct mime_box *copies = mem_get(m, MAIL_COPIES * sizeof *copies), hidden[MAIL_COPIES];
	struct mime_file *all;
	size_t i, n;

	if (written == NULL)
		return false;
	files = json_object_get(written, "files");
	mail->subject = row_text(written, "subject");
	mail->text = row_text(written, "text");
	mail->html = row_text(written, "html");
	mail->copies = copies;
	mail->copies_count = read_list(m, row_text(written, "copies"), copies);
	for (i = 0; i < mail->copies_count; i++)
		to[(*count)++] = copies[i].address;
	n = read_list(m, row_text(written, "hidden"), hidden);
	for (i = 0; i < n; i++)
		to[(*count)++] = hidden[i].address;
	if (row_text(written, "replyTo") != NULL)
		mime_read_box(m, row_text(written, "replyTo"), &mail->reply_to);
	mail->files_count = json_array_size(files);
	mail->files = all = mem_get(m, (mail->files_count + 1) * sizeof *all);
	json_array_foreach(files, i, one)
	{
		all[i] = (struct mime_file){ row_text(one, "name"), row_text(one, "type"),
			row_text(one, "content") };
	}
	return true;
}

/* "20261121T193044-12-reset-ada@example.org", without what a file's name should not hold. */
static const char *
file_name(struct mem *m, json_t *row, const char *address)
{
	const char *at = row_text(row, "createdAt");
	char *name = mem_print(m, "%.4s%.2s%.5s%.2s%.2s-%06lld-%s-%s", at, at + 5, at + 8, at + 14,
		at + 17, (long long)row_id(row), row_text(row, "letter"), address);

	for (char *c = name; *c != '\0'; c++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+.@",
			    *c) == NULL)
			*c = '_';
	return name;
}

static enum written
pack_up(struct writer *w, struct db *db, json_t *row, struct mime *mail, struct parcel *out,
	const char **why)
{
	struct mem *m = db_mem(db);

	mail->id = mem_print(m, "%.22s@%s", derived(w, m, "id", row), w->host);
	mail->date = (time_t)row_number(row, "stamp");
	if ((out->bytes = mime_write(m, mail, &out->length, why)) == NULL)
		return WRITTEN_WRONG;
	out->from = mail->from.address;
	out->name = file_name(m, row, mail->to.address);
	return WRITTEN;
}

enum written
write_mail(struct writer *w, struct db *db, json_t *row, struct parcel *out, const char **why)
{
	struct mem *m = db_mem(db);
	const struct letter *letter = letter_find(row_text(row, "letter"));
	const char **to = mem_get(m, (2 * MAIL_COPIES + 1) * sizeof *to), *url;
	struct mime mail = { .from = w->from, .reply_to = w->reply_to };
	bool theirs;
	json_t *user;

	*out = (struct parcel){ .to = to, .count = 1 };
	*why = "this version of postern does not know the letter";
	if (letter == NULL)
		return WRITTEN_WRONG;
	user = addressee(db, letter, row);
	if (db_ok(db) &&
		((user == NULL && wants_member(letter)) ||
			(letter->token != ONE_TIME_NONE && outbox_outdated(db, row))))
		return WRITTEN_NOBODY;
	/* An account's own spelling of its address, not that of whoever typed it in. */
	theirs = user != NULL && (letter->to_account || row_number(row, "userId") == 0);
	mail.to = (struct mime_box){ user != NULL ? row_text(user, "username") : "",
		row_text(theirs ? user : row, theirs ? "email" : "address") };
	to[0] = mail.to.address;
	if (strcmp(letter->name, "mailing") == 0)
		return mailing(db, row, &mail, to, &out->count)
			? pack_up(w, db, row, &mail, out, why)
			: WRITTEN_NOT;
	url = link_of(w, db, letter, row, user != NULL ? row_id(user) : 0);
	if (url == NULL)
		return db_ok(db) ? WRITTEN_NOBODY : WRITTEN_NOT;
	if ((*why = say(w, m, letter->name, told(w, m, row, letter, url, user), &mail)) != NULL)
		return WRITTEN_WRONG;
	return db_ok(db) ? pack_up(w, db, row, &mail, out, why) : WRITTEN_NOT;
}
