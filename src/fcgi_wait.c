/* SPDX-License-Identifier: ISC */
/*
 * fcgi_wait: how a worker waits. Owns the signals, the timer and the accepting of connections;
 * knows nothing of FastCGI.
 *
 * It makes few system calls: a connection that waits already is taken without asking for it, and
 * one timer ticks once a second as long as there is work, whatever the number of requests.
 */
#include "fcgi_wait.h"

#include "log.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct {
	bool listening;
	bool ticking;
	int epoll;        /* has the listening socket alone */
	sigset_t waiting; /* the mask while waiting: stop signals open */
} self;

/* For the handlers. */
static volatile sig_atomic_t stopping;
static volatile sig_atomic_t due;                         /* a second of CLOCK_MONOTONIC */
static volatile sig_atomic_t socket_ = -1, how = SHUT_RD; /* what is shut down then; -1 = nothing */

static void
stop(int signal)
{
	(void)signal;
	stopping = 1;
}

static void
tick(int signal)
{
	struct timespec now;
	int error = errno;

	(void)signal;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > due && socket_ >= 0)
		shutdown(socket_, how);
	errno = error;
}

/* Ticks in `seconds` and each second from then on; 0 = no more. */
static void
set_timer(time_t seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds, .it_interval.tv_sec = seconds > 0 };

	self.ticking = seconds > 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
watch(int fd, int direction, time_t seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	socket_ = -1;
	due = (sig_atomic_t)(now.tv_sec + seconds);
	how = direction;
	if (self.listening)
		socket_ = fd;
	if (!self.listening || !self.ticking)
		set_timer(self.listening ? 1 : seconds);
}

void
fcgi_wait_read(int fd, time_t seconds)
{
	watch(fd, SHUT_RD, seconds);
}

void
fcgi_wait_write(int fd, time_t seconds)
{
	watch(fd, SHUT_WR, seconds);
}

void
fcgi_wait_over(void)
{
	socket_ = -1;
}

void
fcgi_wait_open(bool listening)
{
	struct sigaction on_stop = { .sa_handler = stop };
	struct sigaction on_tick = { .sa_handler = tick, .sa_flags = listening ? SA_RESTART : 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	sigset_t stops;

	self.listening = listening;
	sigaction(SIGTERM, &on_stop, NULL);
	sigaction(SIGUSR1, &on_stop, NULL);
	sigaction(SIGALRM, &on_tick, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGUSR1);
	sigprocmask(SIG_BLOCK, &stops, &self.waiting);
	sigdelset(&self.waiting, SIGTERM);
	sigdelset(&self.waiting, SIGUSR1);
	if (!listening)
		return;
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	/* By poll(2) a connection would wake each worker that is idle, for one of them. */
	if ((self.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
		epoll_ctl(self.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0)
		mem_abort("epoll does not start");
}

/* As long as connections wait no signal is let in: ask for one. */
static bool
told_to_stop(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigpending(&signals);
	return stopping || sigismember(&signals, SIGTERM) == 1 ||
		sigismember(&signals, SIGUSR1) == 1;
}

int
fcgi_wait_next(void)
{
	struct epoll_event event;
	bool woken = false; /* perhaps by a connection that no other worker was told of */
	int fd;

	for (;;) {
		if (!woken && told_to_stop())
			return -1;
		if ((fd = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			return fd;
		if (woken) {
			woken = false;
		} else if (errno == EAGAIN) {
			/* Idle for a second: the timer may rest, too. */
			if (epoll_pwait(self.epoll, &event, 1, -1, &self.waiting) < 0)
				set_timer(0);
			woken = true;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			/* Out of descriptors or memory: it still waits, so do not ask at once. */
			log_error("no connection can be accepted: %s", strerror(errno));
			nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		}
	}
}
