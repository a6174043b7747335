/* SPDX-License-Identifier: ISC */
/* sql: which colons are parameters, their order, and how many there may be. */
#include "sql.h"

#include "child.h"

static void
names(void **state)
{
	static const struct {
		const char *from, *to, *names; /* joined by blanks */
	} rows[] = {
		{ "", "", "" },
		{ "SELECT 1", "SELECT 1", "" },
		{ ":a", "?", "a " },
		{ "SELECT :id, :user_id2 FROM t WHERE a=:_x", "SELECT ?, ? FROM t WHERE a=?",
			"id user_id2 _x " },
		{ "(:a,:b,:a)", "(?,?,?)", "a b a " },
		{ "':a' \":a\" `:a` :a", "':a' \":a\" `:a` ?", "a " },
		{ "'it''s :a' :b", "'it''s :a' ?", "b " },
		{ "'\"' :a '\"'", "'\"' ? '\"'", "a " },
		{ "@x := :a, '12:30', 12:30, : a", "@x := ?, '12:30', 12:30, : a", "a " },
		{ "':unclosed", "':unclosed", "" },
		{ ":a:b", "??", "a b " },
		{ ":", ":", "" },
		{ ":\xc3\xa4", ":\xc3\xa4", "" },
		{ ":a123456789012345678901234567890", "?", "a123456789012345678901234567890 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char found[128] = "";
		struct sql sql;

		sql_parse(&sql, rows[i].from);
		for (size_t n = 0; n < sql.count; n++)
			snprintf(found + strlen(found), sizeof found - strlen(found), "%s ",
				sql.names[n]);
		assert_string_equal(sql.text, rows[i].to);
		assert_string_equal(found, rows[i].names);
		free(sql.text);
	}
}

static void
parse(const void *literal)
{
	struct sql sql;

	sql_parse(&sql, literal);
	free(sql.text);
}

static void
too_many_or_too_long(void **state)
{
	static const char why[] = "a statement with too many or too long parameter names";
	char many[2 * SQL_NAMES + 3] = "", said[64];
	struct sql sql;

	(void)state;
	for (int i = 0; i < SQL_NAMES; i++)
		memcpy(many + 2 * i, ":a", 3);
	sql_parse(&sql, many);
	assert_int_equal(sql.count, SQL_NAMES);
	free(sql.text);
	memcpy(many + 2 * SQL_NAMES, ":a", 3);
	assert_aborts(parse, many, why);
	assert_aborts(parse, ":a1234567890123456789012345678901", why);
	assert_int_equal(in_child(parse, ":a", said, sizeof said), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(too_many_or_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
