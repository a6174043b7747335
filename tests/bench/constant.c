/* SPDX-License-Identifier: ISC */
/* constant: the least that a CGI program can do, as many bytes as GET /api/user answers. */
#include <unistd.h>

#define TEN(x) x x x x x x x x x x

static const char answer[] =
	"Status: 200 OK\r\n"
	"Content-Type: application/json; charset=utf-8\r\n"
	"Cache-Control: no-store\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Content-Length: 592\r\n\r\n"
	"{\"user\":{\"email\":\"floor@example.org\",\"username\":\"floor\",\"bio\":null,"
	"\"image\":null,\"token\":\"" TEN(TEN("token")) "\"}}";

int
main(void)
{
	return write(STDOUT_FILENO, answer, sizeof answer - 1) == (ssize_t)sizeof answer - 1 ? 0
											     : 1;
}
