/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <time.h>

/*
 * How a worker waits: for the next connection, for a signal, and for a peer no longer than it
 * should. For fcgi.c alone.
 */

/* Take SIGTERM, SIGUSR1, SIGALRM and SIGPIPE. `listening`: descriptor 0 is a listening socket. Call
 * once, before any other; FCGX_Init then leaves the signals alone. */
void fcgi_wait_open(bool listening);

/* The next connection, which the caller closes; -1 when the process should end: told so by SIGTERM
 * or SIGUSR1. */
int fcgi_wait_next(void);

/*
 * Until fcgi_wait_over, reading from `fd`, or writing to it, may take so many seconds, and up to
 * two more. Then a socket is shut down in that direction, so that who waits for it sees its end;
 * under CGI, where it is a pipe, read(2) and write(2) return EINTR. Of all other calls only such
 * fail by it as no handler of a signal lets go on, poll(2) and the like.
 */
void fcgi_wait_read(int fd, time_t seconds);
void fcgi_wait_write(int fd, time_t seconds);
void fcgi_wait_over(void);
