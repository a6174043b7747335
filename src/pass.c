/* SPDX-License-Identifier: ISC */
/*
 * pass: makes and checks password hashes, so that neither the answer's time nor two failures that
 * look alike tell anything: a check that fails has cost as much as one bcrypt of the configured
 * cost, whatever stands in the database. Owns the formats of crypt(5) and the thread that hashes;
 * pass_form.c says what they look like, pass_werkzeug.c has those of Werkzeug, pass_slot.c the
 * limit over all processes. Knows no user and no database. One hash at a time in a process: callers
 * are single-threaded.
 */
#include "pass.h"

#include "mem.h"
#include "pass_parts.h"
#include "text.h"

#include <crypt.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	SALT_BYTES = 16,
	CRYPT_BYTES = CRYPT_MAX_PASSPHRASE_SIZE - 1,
	PHRASE_BYTES = 1024, /* of a password for any format */
	LOW_PRIORITY = 10
};

/* What the hashing thread is to do. */
struct job {
	void (*run)(struct job *job);
	int cost;
	const char *hash; /* to compare with; NULL = unknown user */
	const char *password;
	size_t length;
	char *out; /* for a new hash */
	enum pass found;
};

struct format {
	const char *prefix;
	size_t longest; /* bytes of a password */
	bool (*known)(const char *hash);
	enum pass (*check)(const char *hash, const char *phrase);
};

static struct crypt_data scratch;     /* 32 kB, too much for a stack */
static char phrase[PHRASE_BYTES + 1]; /* the password as a string, wiped after each job */

static bool
usable(const char *password, size_t length, size_t longest)
{
	return length > 0 && length <= longest && memchr(password, '\0', length) == NULL;
}

static void
load(const char *text, size_t length)
{
	memcpy(phrase, text, length);
	phrase[length] = '\0';
}

/* The hash of `text` by `setting`, in the scratch; or NULL: only crypt_r has "*0" instead. */
static const char *
crypt_text(const char *text, const char *setting)
{
	return crypt_rn(text, setting, &scratch, sizeof scratch);
}

static enum pass
compare(const char *made, const char *hash)
{
	bool same = made != NULL && text_same(made, strlen(made), hash, strlen(hash));

	return same ? PASS_RIGHT : PASS_WRONG;
}

static enum pass
check_crypt(const char *hash, const char *text)
{
	return compare(crypt_text(text, hash), hash);
}

/*
 * libcrypt says EINVAL for want of memory, too: that it is, if the same salt will do at the least
 * cost.
 */
static enum pass
check_yescrypt(const char *hash, const char *text)
{
	const char *made = crypt_text(text, hash);
	char least[PASS_HASH_MAX];

	if (made != NULL)
		return compare(made, hash);
	snprintf(least, sizeof least, "%s%s", PASS_YESCRYPT_LEAST,
		hash + strlen(PASS_YESCRYPT_LEAST));
	return crypt_text(text, least) != NULL ? PASS_BUSY : PASS_WRONG;
}

static const struct format formats[] = {
	{ "$2b$", PASS_BCRYPT_BYTES, pass_is_bcrypt, check_crypt },
	{ "$2a$", PASS_BCRYPT_BYTES, pass_is_bcrypt, check_crypt },
	{ "$2y$", PASS_BCRYPT_BYTES, pass_is_bcrypt, check_crypt },
	{ "$y$", CRYPT_BYTES, pass_is_yescrypt, check_yescrypt },
	{ "$6$", CRYPT_BYTES, pass_is_sha512, check_crypt },
	{ "scrypt:", PHRASE_BYTES, pass_is_scrypt, pass_scrypt },
	{ "pbkdf2:sha256:", PHRASE_BYTES, pass_is_pbkdf2, pass_pbkdf2 },
};

/* The format of a hash that can be computed; NULL for any other text, and for none. */
static const struct format *
format_of(const char *hash)
{
	if (hash == NULL || strnlen(hash, PASS_HASH_MAX) == PASS_HASH_MAX)
		return NULL;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strncmp(hash, formats[i].prefix, strlen(formats[i].prefix)) == 0)
			return formats[i].known(hash) ? &formats[i] : NULL;
	return NULL;
}

bool
pass_known(const char *hash)
{
	return format_of(hash) != NULL;
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
dummy(int cost)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	snprintf(setting, sizeof setting, "$2b$%02d$......................", cost);
	(void)crypt_text("-", setting);
}

/* How many bcrypt rounds take as long as `spent` seconds, and those of the dummy it measures with.
 */
static long
worth(double spent, int cost)
{
	int sample = cost - 3 > PASS_COST_LEAST ? cost - 3 : PASS_COST_LEAST;
	double start = cpu_seconds(), took;

	dummy(sample);
	took = cpu_seconds() - start;
	took += 1e-9; /* a clock may stand still */
	return (1L << sample) + (long)(spent / took * (double)(1L << sample));
}

/*
 * Spend what is left of the 2^cost rounds of a hash after `done` of them, one dummy for each binary
 * digit. After a bcrypt of cost c these are the costs c, c+1 … cost-1, and the sum is exact.
 */
static void
fill(long done, int cost)
{
	long left = (1L << cost) - done;

	for (int c = cost; left > 0 && c >= PASS_COST_LEAST; c--)
		if ((left & 1L << c) != 0)
			dummy(c);
}

static void
judge(struct job *job)
{
	const struct format *format = format_of(job->hash);
	double start;
	long rounds;
	bool fits;

	if (format == NULL) {
		fill(0, job->cost);
		return;
	}
	/* A password that cannot be right costs the same: another text is hashed in its place. */
	fits = usable(job->password, job->length, format->longest);
	load(fits ? job->password : "-", fits ? job->length : 1);
	rounds = pass_bcrypt_rounds(job->hash);
	start = cpu_seconds();
	job->found = format->check(job->hash, phrase);
	if (job->found == PASS_BUSY)
		return;
	if (job->found == PASS_RIGHT && fits) {
		if (rounds < 1L << job->cost || job->hash[2] != 'b')
			job->found = PASS_WEAK;
		return;
	}
	job->found = PASS_WRONG;
	fill(rounds > 0 ? rounds : worth(cpu_seconds() - start, job->cost), job->cost);
}

static void
make(struct job *job)
{
	char salt[SALT_BYTES], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *hash;

	if (!text_random(salt, sizeof salt)) {
		job->found = PASS_BUSY;
		return;
	}
	/* If it failed, `setting` would be none, and crypt refuse it. */
	(void)crypt_gensalt_rn(
		"$2b$", (unsigned long)job->cost, salt, sizeof salt, setting, sizeof setting);
	load(job->password, job->length);
	hash = crypt_text(phrase, setting);
	if (hash == NULL)
		return;
	snprintf(job->out, PASS_HASH_MAX, "%s", hash);
	job->found = PASS_RIGHT;
}

/*
 * On Linux a niceness belongs to a thread, and without privilege it can only grow. So a hash has a
 * thread of its own, which takes its low priority with it when it ends.
 */
static void *
low(void *argument)
{
	struct job *job = argument;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), LOW_PRIORITY);
	job->run(job);
	return NULL;
}

/* Do `job` when a slot is free; job->found is PASS_BUSY if none was. */
static void
perform(const struct pass_rules *rules, struct job *job)
{
	sigset_t all, old;
	pthread_t thread;
	int slot, failed;

	if (rules->cost < PASS_COST_LEAST || rules->cost > PASS_COST_MOST)
		mem_abort("pass: the cost is out of range");
	job->cost = rules->cost;
	job->found = PASS_BUSY;
	if (!pass_slot_take(rules, &slot))
		return;
	job->found = PASS_WRONG;
	/* The thread inherits the mask: signals stay the business of the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(&thread, NULL, low, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed != 0)
		job->run(job); /* no thread to be had: better at full priority than not at all */
	else
		pthread_join(thread, NULL);
	explicit_bzero(&scratch, sizeof scratch);
	explicit_bzero(phrase, sizeof phrase);
	pass_slot_drop(slot);
}

bool
pass_hash(const struct pass_rules *rules, char out[PASS_HASH_MAX], const char *password,
	size_t length, bool *busy)
{
	struct job job = { .run = make, .password = password, .length = length, .out = out };

	*busy = false;
	out[0] = '\0';
	if (!usable(password, length, PASS_BCRYPT_BYTES))
		return false;
	perform(rules, &job);
	*busy = job.found == PASS_BUSY;
	return job.found == PASS_RIGHT;
}

enum pass
pass_check(const struct pass_rules *rules, const char *hash, const char *password, size_t length)
{
	struct job job = { .run = judge, .hash = hash, .password = password, .length = length };

	perform(rules, &job);
	return job.found;
}
