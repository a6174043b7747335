/* SPDX-License-Identifier: ISC */
/* gate_rules: the words of GATE_REQUIRE. Knows no request. */
#include "gate_parts.h"

#include "text.h"

#include <string.h>

enum rule {
	RULE_MEMBER,
	RULE_ADMIN,
	RULE_FRESH,
	RULE_GROUP, /* from here on a list stands behind the colon */
	RULE_USER,
	RULE_UNKNOWN
};

static const char *const names[] = { "member", "admin", "fresh", "group:", "user:" };

/* A word, where it stands. */
struct word {
	enum rule rule;
	const char *list;
	size_t length; /* of the list */
};

/* Take the next word off *rest. False if there is none. */
static bool
next_word(const char **rest, struct word *w)
{
	const char *at = *rest + strspn(*rest, " ");
	size_t n = strcspn(at, " ");

	*rest = at + n;
	*w = (struct word){ .rule = RULE_UNKNOWN };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i]);

		if ((i < RULE_GROUP ? n == length : n > length) &&
			memcmp(at, names[i], length) == 0)
			*w = (struct word){ (enum rule)i, at + length, n - length };
	}
	return n > 0;
}

static bool
has(const char *require, enum rule rule)
{
	struct word w;

	while (next_word(&require, &w))
		if (w.rule == rule)
			return true;
	return false;
}

bool
gate_rules_known(const char *require)
{
	return !has(require, RULE_UNKNOWN);
}

bool
gate_rules_fresh(const char *require)
{
	return has(require, RULE_FRESH);
}

/* Whether one of the names in the list of a word, commas between them, is among `have`. */
static bool
meet(const struct word *w, const char *have)
{
	const char *end = w->list + w->length;

	for (const char *at = w->list; at < end; at++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t n = (size_t)((comma != NULL ? comma : end) - at);

		if (n > 0 && text_lists(have, at, n))
			return true;
		at += n;
	}
	return false;
}

bool
gate_rules_hold(const char *require, const struct me *me)
{
	struct word w;

	while (next_word(&require, &w)) {
		if (w.rule == RULE_UNKNOWN ||
			(w.rule == RULE_ADMIN && strcmp(me->role, "admin") != 0) ||
			(w.rule == RULE_GROUP && !meet(&w, me->groups)) ||
			(w.rule == RULE_USER && !meet(&w, me->username)))
			return false;
	}
	return true;
}
