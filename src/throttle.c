/* SPDX-License-Identifier: ISC */
/*
 * throttle: how often. Owns the table `throttles`: leaky buckets, of which only the moment is kept
 * when each will be full again (the generic cell rate algorithm). Knows no request; of what is
 * counted it keeps digests alone.
 */
#include "throttle.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum {
	BUCKETS = 3
};

/* A bucket, for the statements below. Times are milliseconds. */
struct bucket {
	char subject[65];
	int64_t step; /* until one more try has flowed in */
	int64_t room; /* until all of them have */
};

struct buckets {
	size_t count;
	struct bucket list[BUCKETS];
};

static void
add(struct buckets *b, const struct rate *rate, const char *subject)
{
	struct bucket *one = &b->list[b->count];

	if (rate->most == 0)
		return;
	text_digest(one->subject, subject);
	one->step = rate->seconds * 1000 / rate->most;
	one->room = one->step * rate->most;
	b->count++;
}

static json_t *
args(struct db *db, const struct buckets *b)
{
	static const char *const names[BUCKETS][3] = { { "a", "aStep", "aRoom" },
		{ "b", "bStep", "bRoom" }, { "c", "cStep", "cRoom" } };
	json_t *all = NULL;

	for (size_t i = 0; i < b->count && i < BUCKETS; i++)
		all = db_args(db, all, "{s:s, s:I, s:I}", names[i][0], b->list[i].subject,
			names[i][1], (json_int_t)b->list[i].step, names[i][2],
			(json_int_t)b->list[i].room);
	return all;
}

/* Seconds until there is one more in this bucket, 0 if there was one. */
static long
missing(const struct buckets *b, json_t *row)
{
	const char *subject = row_text(row, "subject");
	int64_t ahead = row_number(row, "ahead") / 1000;

	for (size_t i = 0; i < b->count; i++)
		if (strcmp(subject, b->list[i].subject) == 0 && ahead > b->list[i].room)
			return (long)((ahead - b->list[i].room + 999) / 1000);
	return 0;
}

/*
 * All or none: each bucket is taken from and its row held, in the order of the subjects, so that no
 * two takes wait for each other; who has taken too much is rolled back. A bucket that would be full
 * later than ever possible is of another time, before the clock or the setting was put back: it has
 * one try left. A minute is for the clocks of a cluster.
 */
#define TAKE                                                                                       \
	"INSERT INTO throttles (subject, full_at)"                                                 \
	" SELECT UNHEX(l.subject), NOW(3) + INTERVAL l.step * 1000 MICROSECOND FROM"               \
	" (SELECT :a AS subject, :aStep AS step, :aRoom AS room"                                   \
	" UNION ALL SELECT :b, :bStep, :bRoom UNION ALL SELECT :c, :cStep, :cRoom) l"              \
	" WHERE l.subject IS NOT NULL ORDER BY l.subject"                                          \
	" ON DUPLICATE KEY UPDATE full_at ="                                                       \
	" IF(full_at > NOW(3) + INTERVAL (l.room + 60000) * 1000 MICROSECOND,"                     \
	" NOW(3) + INTERVAL l.room * 1000 MICROSECOND,"                                            \
	" GREATEST(full_at, NOW(3)) + INTERVAL l.step * 1000 MICROSECOND)"                         \
	" RETURNING LOWER(HEX(subject)) AS subject, TIMESTAMPDIFF(MICROSECOND, NOW(3), full_at)"   \
	" AS ahead"

static bool
take(struct db *db, const struct buckets *b)
{
	json_t *rows, *row;
	long wait = 0;
	size_t i;

	if (b->count == 0)
		return db_ok(db);
	db_start(db, true);
	rows = db_rows(db, TAKE, args(db, b));
	json_array_foreach(rows, i, row)
	{
		long more = missing(b, row);

		wait = more > wait ? more : wait;
	}
	if (wait > 0)
		db_refuse_rate(db, wait);
	return db_end(db);
}

bool
throttle_take(struct db *db, const struct conf *conf, enum throttle what, const char *who,
	const char *address)
{
	const struct {
		const char *name;
		const struct rate *rate;
	} kinds[] = {
		[THROTTLE_REGISTER] = { "register", &conf->limits_register },
		[THROTTLE_REFRESH] = { "refresh", &conf->limits_refresh },
		[THROTTLE_FORGOT] = { "forgot", &conf->limits_forgot },
		[THROTTLE_MAIL] = { "mail", &conf->limits_forgot },
	};
	const char *name = kinds[what].name;
	struct buckets b = { 0 };
	char network[TEXT_NETWORK_SIZE];

	if (!db_ok(db))
		return false;
	if (who != NULL)
		add(&b, kinds[what].rate, mem_print(db_mem(db), "%s by %s", name, who));
	if (address != NULL)
		add(&b, kinds[what].rate,
			mem_print(db_mem(db), "%s from %s", name, text_network(network, address)));
	return take(db, &b);
}

/* What the tries at one account are counted under, whichever of its names was typed. */
static const char *
account(struct db *db, const struct attempt *t)
{
	char *typed;

	if (t->user != 0)
		return mem_print(db_mem(db), "account %lld", (long long)t->user);
	typed = mem_copy(db_mem(db), t->typed, strlen(t->typed));
	text_lower(typed);
	return mem_print(db_mem(db), "name %s", typed);
}

static void
of_try(struct db *db, const struct conf *conf, const struct attempt *t, bool all, struct buckets *b)
{
	const char *name = account(db, t);
	char network[TEXT_NETWORK_SIZE];

	*b = (struct buckets){ 0 };
	text_network(network, t->address);
	add(b, &conf->limits_address, mem_print(db_mem(db), "address %s", network));
	add(b, &conf->limits_pair, mem_print(db_mem(db), "%s from %s", name, network));
	if (all || !t->known)
		add(b, &conf->limits_account, name);
}

bool
throttle_try(struct db *db, const struct conf *conf, const struct attempt *t)
{
	struct buckets b;

	if (!db_ok(db))
		return false;
	of_try(db, conf, t, false, &b);
	return take(db, &b);
}

void
throttle_passed(struct db *db, const struct conf *conf, const struct attempt *t)
{
	bool back = conf->limits_address.most > 0;
	struct buckets b;

	of_try(db, conf, t, true, &b);
	if (b.count == 0)
		return;
	db_apart(db,
		"UPDATE throttles SET full_at = IF(subject <=> UNHEX(:back),"
		" full_at - INTERVAL :aStep * 1000 MICROSECOND, NOW(3))"
		" WHERE subject IN (UNHEX(:a), UNHEX(:b), UNHEX(:c))",
		db_args(db, args(db, &b), "{s:s?}", "back", back ? b.list[0].subject : NULL));
}

void
throttle_return(struct db *db, const struct conf *conf, const struct attempt *t)
{
	struct buckets b;

	of_try(db, conf, t, false, &b);
	if (b.count == 0)
		return;
	db_apart(db,
		"UPDATE throttles SET full_at = full_at - INTERVAL (CASE subject WHEN UNHEX(:a) THEN :aStep"
		" WHEN UNHEX(:b) THEN :bStep ELSE :cStep END) * 1000 MICROSECOND"
		" WHERE subject IN (UNHEX(:a), UNHEX(:b), UNHEX(:c))",
		args(db, &b));
}

long long
throttle_forget(struct db *db, const struct attempt *t)
{
	const char *name = t->user != 0 || t->typed != NULL ? account(db, t) : NULL;
	const char *network = NULL, *pair = NULL, *from = NULL, *register_from = NULL;
	char out[TEXT_NETWORK_SIZE];

	if (t->address != NULL) {
		network = text_network(out, t->address);
		from = mem_print(db_mem(db), "address %s", network);
		register_from = mem_print(db_mem(db), "register from %s", network);
	}
	if (name != NULL && network != NULL)
		pair = mem_print(db_mem(db), "%s from %s", name, network);
	return db_run(db,
		"DELETE FROM throttles WHERE subject IN (UNHEX(SHA2(:name, 256)),"
		" UNHEX(SHA2(:pair, 256)), UNHEX(SHA2(:from, 256)), UNHEX(SHA2(:register, 256)))",
		mem_pack(db_mem(db), "{s:s?, s:s?, s:s?, s:s?}", "name", name, "pair", pair, "from",
			from, "register", register_from));
}
