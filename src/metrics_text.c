/* SPDX-License-Identifier: ISC */
/*
 * metrics_text: the counts of all programs as text, for Prometheus (text format 0.0.4). Owns the
 * names; trusts no file to be what it should be, for each class writes its own.
 */
#include "metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PROGRAMS = 64,
	NAME = 32 /* bytes */
};

struct counted {
	const char *class, *program;
	struct metrics counts;
};

struct all {
	size_t count;
	struct counted one[PROGRAMS];
};

/* The file of a program; false if it is anything else. */
static bool
read_counts(const char *path, struct metrics *counts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	bool good = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		st.st_size == (off_t)sizeof *counts &&
		pread(fd, counts, sizeof *counts, 0) == (ssize_t)sizeof *counts;

	if (fd >= 0)
		close(fd);
	return good;
}

/* The name of a program, or class, before its end; NULL if it is none. */
static const char *
plain(struct mem *m, const char *name, const char *end)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

	return n > 0 && n < NAME && strcmp(name + n, end) == 0 ? mem_copy(m, name, n) : NULL;
}

static void
read_class(struct mem *m, struct all *all, const char *folder, const char *class)
{
	const char *path = mem_print(m, "%s/%s", folder, class);
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct counted *c = &all->one[all->count];
		const char *program = plain(m, names[i]->d_name, METRICS_END);

		if (all->count < PROGRAMS && program != NULL &&
			read_counts(mem_print(m, "%s/%s", path, names[i]->d_name), &c->counts)) {
			c->class = class;
			c->program = program;
			all->count++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static struct all *
read_all(struct mem *m, const char *folder)
{
	struct all *all = mem_get(m, sizeof *all);
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *class = plain(m, names[i]->d_name, "");

		if (class != NULL)
			read_class(m, all, folder, class);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return all;
}

static void
say(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP postern_%s %s\n# TYPE postern_%s %s\n", name, help, name, type);
}

static void
say_requests(FILE *to, const struct all *all)
{
	say(to, "requests_total", "counter", "Requests, by the first digit of their status.");
	for (size_t i = 0; i < all->count; i++)
		for (int s = 0; s < METRIC_STATUSES; s++)
			fprintf(to,
				"postern_requests_total{class=\"%s\",program=\"%s\",status=\"%dxx\"} "
				"%llu\n",
				all->one[i].class, all->one[i].program, s + 1,
				(unsigned long long)all->one[i].counts.status[s]);
}

static void
say_seconds(FILE *to, const struct counted *c)
{
	static const char name[] = "postern_request_duration_seconds";
	unsigned long long sum = 0, us = c->counts.microseconds;

	for (int b = 0; b < METRIC_BOUNDS; b++)
		fprintf(to, "%s_bucket{class=\"%s\",program=\"%s\",le=\"%u.%04u\"} %llu\n", name,
			c->class, c->program, metric_bounds[b] / 1000000,
			metric_bounds[b] % 1000000 / 100, sum += c->counts.bucket[b]);
	sum += c->counts.bucket[METRIC_BOUNDS];
	fprintf(to, "%s_bucket{class=\"%s\",program=\"%s\",le=\"+Inf\"} %llu\n", name, c->class,
		c->program, sum);
	fprintf(to, "%s_sum{class=\"%s\",program=\"%s\"} %llu.%06llu\n", name, c->class, c->program,
		us / 1000000, us % 1000000);
	fprintf(to, "%s_count{class=\"%s\",program=\"%s\"} %llu\n", name, c->class, c->program,
		sum);
}

/* What one program alone counts, which has that name and class. */
static void
say_others(FILE *to, const struct all *all, const char *class, const char *program)
{
	static const char *const words[METRICS] = { "logins_total{result=\"good\"}",
		"logins_total{result=\"refused\"}", "mails_total{result=\"sent\"}",
		"mails_total{result=\"later\"}", "mails_total{result=\"failed\"}" };
	bool mails = strcmp(program, "mail") == 0;

	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->one[i].program, program) == 0 &&
			strcmp(all->one[i].class, class) == 0)
			for (int w = mails ? METRIC_MAIL_SENT : 0;
				w < (mails ? METRICS : METRIC_MAIL_SENT); w++)
				fprintf(to, "postern_%s %llu\n", words[w],
					(unsigned long long)all->one[i].counts.other[w]);
}

const char *
metrics_text(const struct conf *conf, struct mem *m)
{
	const struct all *all = read_all(m, conf->metrics_folder);
	struct mem_text text;
	FILE *to = mem_stream(m, &text);

	say(to, "build_info", "gauge", "The version that answers, always 1.");
	fputs("postern_build_info{version=\"" POSTERN_VERSION "\"} 1\n", to);
	say_requests(to, all);
	say(to, "request_duration_seconds", "histogram", "How long requests took.");
	for (size_t i = 0; i < all->count; i++)
		say_seconds(to, &all->one[i]);
	say(to, "logins_total", "counter",
		"Passwords that were right, and tries that were refused.");
	say_others(to, all, "credentials", "login");
	say(to, "mails_total", "counter", "Mails, by what came of handing them over.");
	say_others(to, all, "mail", "mail");
	(void)fclose(to);
	return text.bytes;
}
