/* SPDX-License-Identifier: ISC */
/* guard: who may publish. */
#include "guard.h"

#include "child.h"

static void
publishing(void **state)
{
	static const struct {
		const char *who, *role; /* NULL: nobody is logged in */
		bool articles, may;
		const char *groups;
	} rows[] = {
		{ "member", NULL, true, false },
		{ "member", "member", true, true },
		{ "member", "member", false, false },
		{ "member", "admin", true, true },
		{ "admin", "member", true, false },
		{ "admin", "admin", true, true },
		{ "admin", "admin", false, false },
		{ "group:board", "member", true, false },
		{ "group:member", "member", true, false },
		{ "group:board", "admin", true, true },
		{ "group:board", NULL, true, false },
		{ "group:board", "member", true, false, "" },
		{ "group:board", "member", true, true, "board" },
		{ "group:Board", "member", true, true, "anglers board rowers" },
		{ "group:board", "member", true, false, "boards oard aboard brood" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct conf conf = { .site_publish = rows[i].who,
			.features = { [FEATURE_ARTICLES] = rows[i].articles } };
		struct me me = { .role = rows[i].role, .groups = rows[i].groups };
		const struct req rq = { .conf = &conf, .me = me.role != NULL ? &me : NULL };

		if (guard_publish(&rq) != rows[i].may)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publishing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
