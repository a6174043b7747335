/* SPDX-License-Identifier: ISC */
/* sql: named parameters. Owns the one rewriting of a literal; knows no server and no values. */
#include "sql.h"

#include "mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sql_parse(struct sql *out, const char *s)
{
	char *to = out->text = malloc(strlen(s) + 1);
	char quote = '\0';

	if (to == NULL)
		mem_abort("out of memory");
	out->count = 0;
	while (*s != '\0') {
		size_t n = 0;

		if (quote != '\0')
			quote = *s == quote ? '\0' : quote;
		else if (*s == '\'' || *s == '"' || *s == '`')
			quote = *s;
		else if (s[0] == ':' && (isalpha((unsigned char)s[1]) || s[1] == '_'))
			while (isalnum((unsigned char)s[1 + n]) || s[1 + n] == '_')
				n++;
		if (n == 0) {
			*to++ = *s++;
			continue;
		}
		if (n >= SQL_NAME || out->count == SQL_NAMES)
			mem_abort("a statement with too many or too long parameter names");
		memcpy(out->names[out->count], s + 1, n);
		out->names[out->count++][n] = '\0';
		*to++ = '?';
		s += 1 + n;
	}
	*to = '\0';
}

bool
sql_alias(char *name, size_t size, const char *alias, const char **member)
{
	size_t length = (size_t)snprintf(name, size, "%s", alias);
	char *dot = strchr(name, '.');

	*member = NULL;
	if (dot != NULL) {
		*dot = '\0';
		*member = dot + 1;
	} else if (length > 2 && length < size && strcmp(alias + length - 2, "[]") == 0) {
		name[length - 2] = '\0';
		return true;
	}
	return false;
}
