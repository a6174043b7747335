/* SPDX-License-Identifier: ISC */
/* cli_rights: what an admin does to members, and the groups, from the shell. */
#include "admin.h"
#include "cli.h"
#include "group.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct actor tool = { 0, &(const struct origin){ "", "postern", "" } };

static int
no_group(void)
{
	return cli_fail("there is no such group (postern group list)");
}

/* End the unit of work; what was refused is said in words of the shell. */
static int
done(struct cli *c)
{
	if (db_end(c->db))
		return 0;
	switch (err_first(&c->fault)) {
	case ERR_LAST_ADMIN:
		return cli_fail(
			"this is the last admin who can sign in: make somebody else an admin "
			"first (postern user role NAME admin)");
	case ERR_CHOICE: return no_group();
	default: return cli_fault(c);
	}
}

static int
change(struct cli *c, int64_t id, const char *name, json_t *value)
{
	db_start(c->db, true);
	admin_change(c->db, id, mem_pack(c->mem, "{s:o}", name, value), &tool);
	return done(c);
}

static int
set_groups(struct cli *c, int64_t id, json_t *names)
{
	if (json_array_size(names) > GROUPS_MAX)
		return cli_fail("a member may be in %d groups", GROUPS_MAX);
	return change(c, id, "groups", json_incref(names));
}

static int
show(struct cli *c, int64_t id)
{
	json_t *row = admin_get(c->db, id), *value;
	const char *name;

	json_object_foreach(row, name, value)
	{
		const char *text = json_string_value(value);
		size_t n;

		if (text == NULL)
			text = json_is_array(value) ? group_text(c->mem, value)
						    : json_text(c->mem, value, &n);
		printf("%s\t%s\n", name, text);
	}
	return row != NULL ? 0 : cli_fault(c);
}

static int
role(struct cli *c, int64_t id)
{
	const char *word = c->argv[1];

	if (strcmp(word, "member") != 0 && strcmp(word, "admin") != 0)
		return cli_fail("a role is member or admin");
	return change(c, id, "role", json_string(word));
}

static int
lock(struct cli *c, int64_t id)
{
	return change(c, id, "locked", json_true());
}

static int
unlock(struct cli *c, int64_t id)
{
	return change(c, id, "locked", json_false());
}

static int
drop(struct cli *c, int64_t id)
{
	db_start(c->db, true);
	admin_remove(c->db, id, &tool);
	return done(c);
}

/* Print the groups of a member, or let it be in those of a list such as "rowers,board" alone. */
static int
groups(struct cli *c, int64_t id)
{
	json_t *names = json_object_get(admin_get(c->db, id), "groups"), *name;
	char *list = c->argc > 1 ? c->argv[1] : NULL;
	size_t i;

	if (list == NULL) {
		json_array_foreach(names, i, name)
		{
			puts(json_string_value(name));
		}
		return names != NULL ? 0 : cli_fault(c);
	}
	if (!text_utf8(list, strlen(list)))
		return no_group();
	for (char *at = list; *at != '\0'; at++)
		if (*at == ',')
			*at = ' ';
	return set_groups(c, id, group_array(c->mem, list));
}

int
cli_rights(struct cli *c, const char *what)
{
	static const struct {
		const char *name, *usage;
		int least, most; /* words behind it, the member's name being the first */
		int (*run)(struct cli *c, int64_t id);
	} rows[] = {
		{ "show", "NAME", 1, 1, show },
		{ "role", "NAME member|admin", 2, 2, role },
		{ "lock", "NAME", 1, 1, lock },
		{ "unlock", "NAME", 1, 1, unlock },
		{ "groups", "NAME [GROUP,GROUP]", 1, 2, groups },
		{ "remove", "NAME", 1, 1, drop },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *row;

		if (strcmp(rows[i].name, what) != 0)
			continue;
		if (c->argc < rows[i].least || c->argc > rows[i].most)
			return cli_fail("usage: postern user %s %s", what, rows[i].usage);
		row = cli_member(c, c->argv[0]);
		return row != NULL ? rows[i].run(c, row_id(row)) : 1;
	}
	return cli_fail("usage: postern user add NAME MAIL [--admin] | password NAME | list |"
			" show NAME | role NAME member|admin | lock NAME | unlock NAME |"
			" groups NAME [GROUP,GROUP] | remove NAME");
}

static int
group_print(struct cli *c)
{
	json_t *rows = group_list(c->db), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		printf("%s\t%lld\n", row_text(row, "name"),
			(long long)row_number(row, "membersCount"));
	}
	return rows != NULL ? 0 : cli_fault(c);
}

/* Put a member into a group, or take it out of it. */
static int
join(struct cli *c, const char *group, bool in)
{
	json_t *row = cli_member(c, c->argv[1]), *names, *name;
	bool is = false;
	size_t i;

	if (row == NULL)
		return 1;
	if (!text_utf8(group, strlen(group)))
		return no_group();
	if ((row = admin_get(c->db, row_id(row))) == NULL)
		return cli_fault(c);
	names = json_object_get(row, "groups");
	json_array_foreach(names, i, name)
	{
		if (strcasecmp(json_string_value(name), group) != 0)
			continue;
		is = true;
		if (!in)
			json_array_remove(names, i);
		break;
	}
	if (!in && !is)
		return cli_fail("this member is not in that group (postern user groups NAME)");
	if (in && !is)
		json_array_append_new(names, json_string(group));
	return set_groups(c, row_id(row), names);
}

int
cli_group(struct cli *c)
{
	const char *what = c->argc > 0 ? c->argv[0] : "", *name = c->argc > 1 ? c->argv[1] : "";

	if (strcmp(what, "list") == 0 && c->argc == 1)
		return group_print(c);
	if (c->argc == 2 && (strcmp(what, "new") == 0 || strcmp(what, "remove") == 0)) {
		db_start(c->db, true);
		if (*what == 'n')
			group_add(c->db, name);
		else
			admin_remove_group(c->db, name, &tool);
		return done(c);
	}
	if (c->argc == 3 && (strcmp(what, "add") == 0 || strcmp(what, "drop") == 0)) {
		c->argv++; /* the group, then the member */
		return join(c, name, *what == 'a');
	}
	return cli_fail("usage: postern group list | new NAME | remove NAME | add GROUP USER | "
			"drop GROUP USER");
}
