/* SPDX-License-Identifier: ISC */
/* conf_value: what the settings of the site's doors take: who signs up, who publishes, which
 * features there are, which other sites may use the API. */
#include "conf_value.h"

#include "child.h"

/* A setting, what is written, and what is in force then; NULL: it is refused. */
struct row {
	const char *name, *value, *said;
};

static const struct setting *
named(const char *name)
{
	for (const struct setting *s = settings; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	fail_msg("%s is no setting", name);
	return NULL;
}

static void
check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = named(rows[i].name);
		struct conf c = { 0 };
		const char *why = conf_assign(&c, s, "/", rows[i].value);
		char *said;
		size_t n;
		FILE *to;

		if ((why == NULL) != (rows[i].said != NULL))
			fail_msg("row %zu: %s %s: %s", i, rows[i].name, rows[i].value, why);
		if (why != NULL) {
			assert_memory_equal(why, "must be ", 8);
			continue;
		}
		to = open_memstream(&said, &n);
		assert_non_null(to);
		conf_show(&c, s, to);
		fclose(to);
		said[n - 1] = '\0';
		if (strcmp(said, rows[i].said) != 0)
			fail_msg("row %zu: %s instead of %s", i, said, rows[i].said);
		free(said);
	}
}

static void
words_of_a_list(void **state)
{
	static const struct row rows[] = {
		{ "site.registration", "open", "open" },
		{ "site.registration", "confirm", "confirm" },
		{ "site.registration", "approve", "approve" },
		{ "site.registration", "invite", "invite" },
		{ "site.registration", " closed ", "closed" },
		{ "site.registration", "", NULL },
		{ "site.registration", "Open", NULL },
		{ "site.registration", "ope", NULL },
		{ "site.registration", "open closed", NULL },
		{ "site.registration", "open open", NULL },
		{ "cors.methods", "PUT GET", "GET PUT" },
		{ "cors.methods", "TRACE", NULL },
		{ "cors.methods", "get", NULL },
		{ "cors.methods", "", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void
on_or_off(void **state)
{
	static const struct row rows[] = {
		{ "features.api", "on", "on" },
		{ "features.files", "off", "off" },
		{ "cors.credentials", "on", "on" },
		{ "features.api", "", NULL },
		{ "features.api", "yes", NULL },
		{ "features.api", "ON", NULL },
		{ "features.api", "1", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void
publishers(void **state)
{
	static const struct row rows[] = {
		{ "site.publish", "member", "member" },
		{ "site.publish", "admin", "admin" },
		{ "site.publish", "group:board", "group:board" },
		{ "site.publish", "", NULL },
		{ "site.publish", "members", NULL },
		{ "site.publish", "group", NULL },
		{ "site.publish", "group:", NULL },
		{ "site.publish", "group:a b", NULL },
		{ "site.publish", "group:a,b", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void
names(void **state)
{
	static const struct row rows[] = {
		{ "site.mail_domains", "", "" },
		{ "site.mail_domains", " example.org ,b-c.example\texample.net ",
			"example.org b-c.example example.net" },
		{ "site.mail_domains", "@example.org", NULL },
		{ "site.mail_domains", "a.org;b.org", NULL },
		{ "cors.headers", "Authorization, X-CSRFToken", "Authorization X-CSRFToken" },
		{ "cors.headers", "A:B", NULL },
		{ "cors.exposed", "X\"Y", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void
other_sites(void **state)
{
	static const struct row rows[] = {
		{ "cors.origins", "", "" },
		{ "cors.origins", "*", "*" },
		{ "cors.origins", "HTTPS://App.Example:443/ http://b:8080",
			"https://app.example http://b:8080" },
		{ "cors.origins", "https://*.example", NULL },
		{ "cors.origins", "* https://a.example", NULL },
		{ "cors.origins", "null", NULL },
		{ "cors.origins", "https://a.example/path", NULL },
		{ "cors.origins", "a.example", NULL },
		{ "gate.sites", "", "" },
		{ "gate.sites", "https://Wiki.example", "https://wiki.example" },
		{ "gate.sites", "*", NULL },
		{ "site.urls", "*", NULL },
		{ "site.urls", "", NULL },
		{ "cors.max_age", "0", "0" },
		{ "cors.max_age", "1d", "86400" },
		{ "cors.max_age", "25h", NULL },
	};

	(void)state;
	check(rows, COUNT(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_list),
		cmocka_unit_test(on_or_off),
		cmocka_unit_test(publishers),
		cmocka_unit_test(names),
		cmocka_unit_test(other_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
