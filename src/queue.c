/* SPDX-License-Identifier: ISC */
/* queue: the outbox on a page. Owns what is said of a mail there; what may be done to one is
 * outbox's business. */
#include "queue.h"

#include "browser.h"
#include "json.h"
#include "outbox.h"
#include "pager.h"

#include <string.h>

enum {
	PER_PAGE = 20
};

static const char *const states[] = { "waiting", "failed", "sent", NULL };

const struct field queue_in[] = {
	{ "state", CHOICE, .choices = states, .null = true },
	{ "page", INT, .min = 1, .max = 1000000, .clamp = true, .null = true },
	{ 0 },
};

static json_t *
minute(struct req *rq, const char *at)
{
	return mem_pack(
		rq->mem, "s", mem_print(rq->mem, "%.10s %.5s", at, at + strlen("....-..-..T")));
}

static void
dress(struct req *rq, json_t *mail)
{
	const char *state = row_text(mail, "state");
	long long id = row_id(mail);

	json_object_set_new(mail, state, json_true());
	json_object_set(mail, "created", minute(rq, row_text(mail, "createdAt")));
	if (strcmp(state, "waiting") == 0)
		json_object_set(mail, "due", minute(rq, row_text(mail, "dueAt")));
	if (strcmp(state, "sent") != 0)
		json_object_set_new(mail, "retryUrl", json_sprintf("/admin/mail/%lld/retry", id));
	json_object_set_new(mail, "dropUrl", json_sprintf("/admin/mail/%lld/drop", id));
}

json_t *
queue_list(struct req *rq)
{
	long page = row_number(rq->in, "page") > 0 ? (long)row_number(rq->in, "page") : 1;
	const char *state = row_text(rq->in, "state");
	json_t *found = outbox_list(rq->db, state, PER_PAGE, (page - 1) * PER_PAGE);
	json_t *mail, *links, *asked = mem_pack(rq->mem, "{}");
	size_t i;

	if (found == NULL)
		return NULL;
	json_array_foreach(json_object_get(found, "mails"), i, mail)
	{
		dress(rq, mail);
	}
	if (state != NULL)
		json_object_set_new(asked, state, json_true());
	json_object_set(found, "asked", asked);
	links = pager(rq->mem,
		mem_print(rq->mem, "/admin/mail?state=%s&page=", state != NULL ? state : ""), page,
		((long)row_number(found, "mailsCount") + PER_PAGE - 1) / PER_PAGE);
	if (links != NULL)
		json_object_set(found, "pager", links);
	return found;
}

static json_t *
changed(struct req *rq, bool done, const char *flash)
{
	if (!done)
		return db_refuse(rq->db, ERR_NOT_FOUND, "mail");
	browser_flash(rq, flash);
	goes_to(rq, "/admin/mail", NULL);
	return nothing(rq);
}

json_t *
queue_retry(struct req *rq)
{
	return changed(rq, outbox_retry(rq->db, row_id(rq->in)), "success.mail-again");
}

json_t *
queue_drop(struct req *rq)
{
	return changed(rq, outbox_drop(rq->db, row_id(rq->in)), "success.mail-dropped");
}
