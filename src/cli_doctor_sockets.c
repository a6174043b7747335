/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor_sockets: whether each program answers on its socket, asked as a web server would
 * (FastCGI 1.0), and whether the processes behind them are those that are installed.
 */
#include "cli_doctor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SECONDS = 3,   /* for each */
	ANSWER = 4096, /* bytes that are looked at */
	/* FastCGI 1.0, section 8 */
	HEADER = 8,
	BEGIN_REQUEST = 1,
	PARAMS = 4,
	STDIN_ = 5,
	STDOUT_ = 6,
	RESPONDER = 1,
};

static void
add_record(uint8_t *to, size_t *at, int type, const void *content, size_t length)
{
	uint8_t head[HEADER] = { 1, (uint8_t)type, 0, 1, (uint8_t)(length >> 8), (uint8_t)length };

	memcpy(to + *at, head, HEADER);
	memcpy(to + *at + HEADER, content, length);
	*at += HEADER + length;
}

static void
add_param(uint8_t *to, size_t *at, const char *name, const char *value)
{
	size_t n = strlen(name), v = strlen(value); /* below 128 each */

	to[(*at)++] = (uint8_t)n;
	to[(*at)++] = (uint8_t)v;
	memcpy(to + *at, name, n);
	memcpy(to + *at + n, value, v);
	*at += n + v;
}

static size_t
request(uint8_t out[1024], const char *path)
{
	uint8_t params[512];
	size_t n = 0, at = 0;

	add_param(params, &n, "REQUEST_METHOD", "GET");
	add_param(params, &n, "DOCUMENT_URI", path);
	add_param(params, &n, "REMOTE_ADDR", "127.0.0.1");
	add_param(params, &n, "HTTP_USER_AGENT", "postern-doctor");
	add_record(out, &at, BEGIN_REQUEST, (uint8_t[8]){ 0, RESPONDER }, 8);
	add_record(out, &at, PARAMS, params, n);
	add_record(out, &at, PARAMS, "", 0);
	add_record(out, &at, STDIN_, "", 0);
	return at;
}

static int
connect_to(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval time = { .tv_sec = SECONDS };
	struct sockaddr_un where = { .sun_family = AF_UNIX };

	if (fd < 0 || strlen(path) >= sizeof where.sun_path)
		doctor_end("%s cannot be asked", path);
	memcpy(where.sun_path, path, strlen(path));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
	if (connect(fd, (struct sockaddr *)&where, sizeof where) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The status of the answer to GET `path`; 0: there is none. */
static int
ask(const char *socket, const char *path)
{
	uint8_t out[1024];
	char in[ANSWER + 1];
	size_t length = request(out, path), got = 0;
	int fd = connect_to(socket);
	ssize_t n;

	if (fd < 0)
		return 0;
	if (send(fd, out, length, MSG_NOSIGNAL) == (ssize_t)length)
		while (got < ANSWER && (n = read(fd, in + got, ANSWER - got)) > 0)
			got += (size_t)n;
	close(fd);
	in[got] = '\0';
	if (got < HEADER + 11 || in[1] != STDOUT_ || strncmp(in + HEADER, "Status: ", 8) != 0)
		return 0;
	return (int)strtol(in + HEADER + 8, NULL, 10);
}

static bool
try_socket(struct doctor *d, const char *socket, const char *name)
{
	struct stat st;
	int status;

	if (stat(socket, &st) != 0) {
		doctor_bad(d,
			"%s: %s: systemctl restart postern@%s.socket, or start it as INSTALL.md says",
			socket, strerror(errno), name);
		return false;
	}
	/* What asks for little: whether it is ready, or what it has not. */
	status = ask(socket,
		strcmp(name, "health") == 0 ? "/api/health/ready" : "/api/no/such/path/here");
	if (status == 0)
		doctor_bad(d,
			"%s: nobody answers: systemctl restart postern@%s.socket postern@%s; its log "
			"says more",
			socket, name, name);
	else if (status >= 500)
		doctor_bad(d, "%s: answers %d: its log says why (journalctl -u postern@%s)", socket,
			status, name);
	return status > 0 && status < 500;
}

/* The number of processes that run a program of the folder that was replaced since. */
static long
outdated(struct doctor *d, const char *folder, const char **name)
{
	DIR *all = opendir("/proc");
	const struct dirent *e;
	char exe[PATH_MAX];
	size_t length = strlen(folder);
	long count = 0;

	while (all != NULL && (e = readdir(all)) != NULL) {
		ssize_t n = readlink(
			mem_print(d->cli.mem, "/proc/%s/exe", e->d_name), exe, sizeof exe - 1);

		if (n <= 0)
			continue;
		exe[n] = '\0';
		if (strncmp(exe, folder, length) != 0 || exe[length] != '/' ||
			strstr(exe, ".fcgi (deleted)") == NULL)
			continue;
		*name = mem_copy(d->cli.mem, exe + length + 1, strcspn(exe + length + 1, "."));
		count++;
	}
	if (all != NULL)
		closedir(all);
	return count;
}

/* Whether systemd is to open the sockets. */
static bool
has_units(void)
{
	static const char *const places[] = { "/lib", "/usr/lib", "/usr/local/lib", "/etc" };
	char path[64];

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		snprintf(path, sizeof path, "%s/systemd/system/postern@.socket", places[i]);
		if (access(path, F_OK) == 0)
			return access("/run/systemd/system", F_OK) == 0;
	}
	return false;
}

void
doctor_sockets(struct doctor *d)
{
	struct mem *m = d->cli.mem;
	const char *folder = doctor_find(d, d->sockets, "run", "/run/postern"), *name;
	struct programs all = { 0 };
	bool good = true, any = false;
	long old;

	doctor_find_programs(d, &all);
	for (size_t i = 0; folder != NULL && i < all.count; i++)
		any = any || access(mem_print(m, "%s/%s.sock", folder, all.name[i]), F_OK) == 0;
	if (!any && d->sockets != NULL)
		doctor_end(
			"%s holds no sockets of programs: is postern.target started?", d->sockets);
	for (size_t i = 0; any && i < all.count; i++)
		good = try_socket(
			       d, mem_print(m, "%s/%s.sock", folder, all.name[i]), all.name[i]) &&
			good;
	if ((old = outdated(d, all.folder, &name)) > 0)
		doctor_bad(d,
			"%ld processes, one of %s, run what was there before the last installation: "
			"systemctl restart 'postern@*'",
			old, name);
	else if (!any && has_units())
		doctor_bad(d,
			"postern@.socket is installed, but no socket is there: "
			"systemctl enable --now postern.target");
	else if (!any)
		doctor_good(d, "there are none: the web server starts the programs by itself");
	else if (good)
		doctor_good(d, "each of %zu in %s answers", all.count, folder);
}
