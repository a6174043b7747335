/* SPDX-License-Identifier: ISC */
/* export: a copy of all that is stored of a member, for the member. */
#include "account.h"
#include "article.h"
#include "avatar.h"
#include "file.h"
#include "group.h"
#include "json.h"
#include "personal.h"
#include "serve.h"
#include "session.h"
#include "user.h"

static const struct field copy_in[] = {
	{ "current_password", PASSWORD, .max = 1024, .null = true,
		.autocomplete = "current-password",
		.hint = "Needed because you signed in some time ago." },
	{ 0 },
};

/* All that is stored of the member, as a file: what a new table holds of members comes here too. */
static json_t *
copy(struct req *rq)
{
	int64_t id = rq->me->id;
	json_t *all = mem_pack(rq->mem, "{s:I, s:i}", "limit", (json_int_t)INT64_MAX, "offset", 0);
	json_t *account = user_account(rq->db, id), *row = user_get(rq->db, id);
	json_t *profile, *picture, *written, *files, *sessions, *tokens, *events;

	if (account == NULL || row == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
	json_object_set(account, "groups", group_array(rq->mem, row_text(row, "groups")));
	profile = user_profile(rq->db, row_text(account, "username"));
	picture = avatar_copy(rq->db, id);
	written = article_copy(rq->db, id);
	files = file_copy(rq->db, id);
	sessions = session_history(rq->db, id);
	tokens = personal_list(rq->db, id);
	events = event_list(rq->db, id, all);
	if (json_is_true(json_object_get(rq->held, "proved")))
		account_renew(rq);
	account_proved(rq);
	rq->out.file = "account.json";
	return mem_pack(rq->mem, "{s:O, s:O?, s:O?, s:O?, s:O?, s:O?, s:O?, s:O?}", "account",
		account, "profile", profile, "picture", picture, "written", written, "files", files,
		"sessions", sessions, "tokens", tokens, "events", events);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, "/user/export", NULL, OWNER, NULL, NULL, account_prove_fresh, copy, 200, NULL },
	{ GET, NULL, "/settings/export", MEMBER, NULL, NULL, NULL, account_form, 200, "export" },
	{ POST, NULL, "/settings/export", MEMBER, NULL, copy_in, account_prove_fresh, copy, 200,
		NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "export", "credentials", routes, .pages = &page_steps });
}
