/* SPDX-License-Identifier: ISC */
/* db_args: arguments for a statement, put together. */
#include "db.h"

#include <stdarg.h>

json_t *
db_args(struct db *db, json_t *base, const char *format, ...)
{
	json_t *args = mem_json(db_mem(db), base != NULL ? json_copy(base) : json_object());
	json_t *more;
	va_list ap;

	va_start(ap, format);
	more = json_vpack_ex(NULL, 0, format, ap);
	va_end(ap);
	if (more == NULL || json_object_update_new(args, more) != 0)
		mem_abort("out of memory, or arguments that are not UTF-8");
	return args;
}
