/* SPDX-License-Identifier: ISC */
/* conf: where postern.conf is looked for when nobody names it, and installed folders. Runs copies
 * of itself elsewhere. */
#include "conf.h"

#include "child.h"
#include "conf_place.h"
#include "log.h"

#include <sys/stat.h>

static char folder[64], program[96];

static void
run_program(const void *unused)
{
	(void)unused;
	execl(program, program, "tell", (char *)NULL);
}

/* What the copy in FOLDER/a/b says when the only postern.conf is in `where`. */
static void
assert_says(const char *where, int status, const char *want)
{
	char path[128], said[512];
	FILE *f;

	snprintf(path, sizeof path, "%s%s/postern.conf", folder, where);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "[site]\nname = found\n[token]\nkeys = k\n");
	fclose(f);
	assert_int_equal(WEXITSTATUS(in_child(run_program, NULL, said, sizeof said)), status);
	unlink(path);
	if (strncmp(said, want, strlen(want)) != 0)
		fail_msg("%s: %s", where, said);
}

static void
beside_or_above_the_program(void **state)
{
	char keys[128];

	(void)state;
	if (access("/etc/postern/postern.conf", F_OK) == 0)
		skip();
	snprintf(keys, sizeof keys, "found %s/a/b/k\n", folder);
	assert_says("/a/b", 0, keys);
	snprintf(keys, sizeof keys, "found %s/a/k\n", folder);
	assert_says("/a", 0, keys);
	assert_says("", 1, "program: no postern.conf: not in /etc/postern, nor beside or above");
}

static void
run_near(const void *name)
{
	execl(program, program, "near", (const char *)name, (char *)NULL);
}

/* The folder "things" that the copy finds when it stands in each of `places`. */
static void
assert_near(const char *const *places, size_t count, const char *where)
{
	char path[128], said[512];

	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s%s/things", folder, places[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	in_child(run_near, "things", said, sizeof said);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s%s/things", folder, places[i]);
		assert_int_equal(rmdir(path), 0);
	}
	if (where == NULL)
		snprintf(path, sizeof path, "none\n");
	else
		snprintf(path, sizeof path, "%s%s/things\n", folder, where);
	assert_string_equal(said, path);
}

/* The nearest counts; more than two above is none of ours. What make install made counts last. */
static void
installed_folders(void **state)
{
	static const char *const all[] = { "/a/b/c", "/a/b", "/a", "" };
	static const char *const shared[] = { "/a/share/postern", "/a/b" };

	(void)state;
	snprintf(program, sizeof program, "%s/a/b/c/program", folder);
	assert_near(all, 4, "/a/b/c");
	assert_near(all + 1, 3, "/a/b");
	assert_near(all + 2, 2, "/a");
	assert_near(all + 3, 1, NULL);
	assert_near(all, 0, NULL);
	assert_near(shared, 1, "/a/share/postern");
	assert_near(shared, 2, "/a/b");
	snprintf(program, sizeof program, "%s/a/b/program", folder);
}

static int
near(const char *name)
{
	char path[PATH_MAX];

	fprintf(stderr, "%s\n", conf_near(path, name) ? path : "none");
	return 0;
}

static int
tell(void)
{
	const struct conf *c;

	log_open("program");
	c = conf_load("gate");
	fprintf(stderr, "%s %s\n", c->site_name, c->token_keys);
	return 0;
}

/* A copy of this program in FOLDER/a/b, and one in the folder below. */
static bool
copy_program(void)
{
	static const char *const parts[] = { "/a", "/a/b", "/a/b/c", "/a/share",
		"/a/share/postern" };
	char below[96];
	FILE *from = fopen("/proc/self/exe", "rb"), *to;
	char path[96], bytes[65536];
	size_t n;

	for (size_t i = 0; i < COUNT(parts); i++) {
		snprintf(path, sizeof path, "%s%s", folder, parts[i]);
		if (mkdir(path, 0700) != 0)
			return false;
	}
	snprintf(program, sizeof program, "%s/a/b/program", folder);
	if (from == NULL || (to = fopen(program, "wb")) == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
		fwrite(bytes, 1, n, to);
	fclose(from);
	snprintf(below, sizeof below, "%s/a/b/c/program", folder);
	return fclose(to) == 0 && chmod(program, 0700) == 0 && link(program, below) == 0;
}

int
main(int argc, char **argv)
{
	static const char *const made[] = { "/a/b/c/program", "/a/b/program", "/a/b/c", "/a/b",
		"/a/share/postern", "/a/share", "/a", "" };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_or_above_the_program),
		cmocka_unit_test(installed_folders),
	};
	char path[96];
	int failed;

	if (argc == 2 && strcmp(argv[1], "tell") == 0)
		return tell();
	if (argc == 3 && strcmp(argv[1], "near") == 0)
		return near(argv[2]);
	snprintf(folder, sizeof folder, "/tmp/test_conf_place.XXXXXX");
	clearenv();
	if (mkdtemp(folder) == NULL || !copy_program())
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < COUNT(made); i++) {
		snprintf(path, sizeof path, "%s%s", folder, made[i]);
		remove(path);
	}
	return failed;
}
