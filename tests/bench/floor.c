/* SPDX-License-Identifier: ISC */
/*
 * floor: the least that a libfcgi program can do: the same answer to everybody, with as many bytes
 * and the same headers as GET /api/user, so that nginx has the same work with both.
 */
#include <fcgiapp.h>

#define TEN(x) x x x x x x x x x x

static const char answer[] =
	"Status: 200 OK\r\n"
	"Content-Type: application/json; charset=utf-8\r\n"
	"X-Request-ID: 0123456789abcdef0123456789abcdef\r\n"
	"Cache-Control: no-store\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Content-Length: 592\r\n\r\n"
	"{\"user\":{\"email\":\"floor@example.org\",\"username\":\"floor\",\"bio\":null,"
	"\"image\":null,\"token\":\"" TEN(TEN("token")) "\"}}";

int
main(void)
{
	FCGX_Request request;

	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, (int)sizeof answer - 1, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
