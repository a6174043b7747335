/* SPDX-License-Identifier: ISC */
/*
 * err: the one table of errors and the list of what is wrong with a request. Owns statuses, keys
 * and texts; knows nothing of how they are written to the wire.
 */
#include "err.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct row {
	int status;
	const char *says; /* the key, a NUL, and the text, which may hold one %ld for the bound */
} rows[ERR_COUNT] = {
	[ERR_NONE] = { 200, "\0" },
	[ERR_BAD_REQUEST] = { 400, "body\0does not fit its headers" },
	[ERR_BODY_LENGTH] = { 400, "body\0is not as long as Content-Length says" },
	[ERR_TOKEN_MISSING] = { 401, "token\0is missing" },
	[ERR_TOKEN_INVALID] = { 401, "token\0is invalid" },
	[ERR_TOKEN_EXPIRED] = { 401, "token\0has expired" },
	[ERR_TOKEN_REVOKED] = { 401, "token\0has been revoked" },
	[ERR_STALE] = { 401, "token\0is of an old login" },
	[ERR_CREDENTIALS] = { 401, "credentials\0invalid" },
	[ERR_FORBIDDEN] = { 403, "user\0forbidden" },
	[ERR_SCOPE] = { 403, "token\0is not for this" },
	[ERR_CURRENT_NEEDED] = { 403, "current_password\0is needed" },
	[ERR_CURRENT_WRONG] = { 403, "current_password\0is wrong" },
	[ERR_ORIGIN] = { 403, "origin\0is not this site" },
	[ERR_CSRF] = { 403, "csrf_token\0is missing or has expired" },
	[ERR_CLOSED] = { 403, "registration\0is closed" },
	[ERR_INVITATION] = { 403, "registration\0needs an invitation" },
	[ERR_WAITS_APPROVAL] = { 403, "account\0waits for approval" },
	[ERR_WAITS_ADDRESS] = { 403, "account\0waits for the confirmation of the address" },
	[ERR_NOT_FOUND] = { 404, "path\0not found" },
	[ERR_METHOD] = { 405, "method\0is not allowed here" },
	[ERR_TAKEN] = { 409, "username\0has already been taken" },
	[ERR_ADDRESS_TAKEN] = { 409, "email\0has already been taken" },
	[ERR_LAST_ADMIN] = { 409, "role\0the last admin cannot go" },
	[ERR_CHANGED] = { 412, "article\0has been changed since you read it" },
	[ERR_BODY_LARGE] = { 413, "body\0is too large" },
	[ERR_FILES_FULL] = { 413, "body\0is more than the space that is left for you" },
	[ERR_RANGE] = { 416, "range\0is not within the file" },
	[ERR_MEDIA_TYPE] = { 415, "body\0must be JSON or a form" },
	[ERR_BLANK] = { 422, "body\0can't be blank" },
	[ERR_SHORT] = { 422, "body\0is too short (minimum is %ld characters)" },
	[ERR_LONG] = { 422, "body\0is too long (maximum is %ld characters)" },
	[ERR_LONG_BYTES] = { 422, "body\0is too long (maximum is %ld bytes)" },
	[ERR_SMALL] = { 422, "body\0must be at least %ld" },
	[ERR_BIG] = { 422, "body\0must be at most %ld" },
	[ERR_MANY] = { 422, "body\0has too many entries (maximum is %ld)" },
	[ERR_TYPE_TEXT] = { 422, "body\0must be text" },
	[ERR_TYPE_INT] = { 422, "body\0must be a whole number" },
	[ERR_TYPE_NUMBER] = { 422, "body\0must be a number" },
	[ERR_TYPE_BOOL] = { 422, "body\0must be true or false" },
	[ERR_TYPE_LIST] = { 422, "body\0must be a list" },
	[ERR_TYPE_OBJECT] = { 422, "body\0must be an object" },
	[ERR_TYPE_FILE] = { 422, "body\0must be a file" },
	[ERR_FILE_SMALL] = { 422, "body\0is too small (minimum is %ld bytes)" },
	[ERR_FILE_LARGE] = { 422, "body\0is too large (maximum is %ld bytes)" },
	[ERR_ENCODING] = { 422, "body\0must be UTF-8 without NUL" },
	[ERR_LINE] = { 422, "body\0must be one line without control characters" },
	[ERR_NAME] = { 422, "username\0may hold letters a to z, digits, _ - . (first a letter or digit)" },
	[ERR_RESERVED] = { 422, "username\0is reserved" },
	[ERR_CONFIRM] = { 422, "username\0is not the name of this account" },
	[ERR_EMAIL] = { 422, "email\0is not a mail address" },
	[ERR_URL] = { 422, "body\0is not a web address" },
	[ERR_SLUG] = { 422, "body\0is not a slug" },
	[ERR_DATE] = { 422, "body\0is not a date (YYYY-MM-DD)" },
	[ERR_CHOICE] = { 422, "body\0is not one of the choices" },
	[ERR_COLOR] = { 422, "body\0is not a colour (#rrggbb)" },
	[ERR_PICTURE_KIND] = { 422, "image\0must be a JPEG, PNG or WebP picture" },
	[ERR_PICTURE_MOVES] = { 422, "image\0must not be animated" },
	[ERR_PICTURE_PIXELS] = { 422, "image\0has too many pixels (maximum is 40 million)" },
	[ERR_PICTURE_BROKEN] = { 422, "image\0is damaged, or no picture that can be read" },
	[ERR_DOMAIN] = { 422, "email\0is of a domain that is not taken here" },
	[ERR_ONE_TIME] = { 422, "token\0is invalid, used or too old" },
	[ERR_KEY_USED] = { 422, "Idempotency-Key\0has been used for another request" },
	[ERR_SCOPES] = { 422, "scopes\0must be of read, write, gate" },
	[ERR_TOKENS] = { 422, "name\0is one too many: end another token" },
	[ERR_JSON] = { 422, "body\0is not valid JSON" },
	[ERR_MULTIPART] = { 422, "body\0is not a valid multipart form" },
	[ERR_DEEP] = { 422, "body\0is nested too deeply or has too many values" },
	[ERR_RATE] = { 429, "rate\0too many requests, try again later" },
	[ERR_INTERNAL] = { 500, "server\0has failed" },
	[ERR_BUSY] = { 503, "server\0is busy, try again" },
	[ERR_AWAY] = { 503, "server\0is not ready, try again" },
};
/* clang-format on */

int
err_status(enum err e)
{
	return rows[e].status;
}

const char *
err_key(enum err e)
{
	return rows[e].says;
}

const char *
err_text(const struct flaw *f, char *out, size_t size)
{
	static const char mark[] = "%ld";
	const char *key = err_key(f->err), *text = key + strlen(key) + 1, *at = strstr(text, mark);

	if (at == NULL)
		snprintf(out, size, "%s", text);
	else
		snprintf(
			out, size, "%.*s%ld%s", (int)(at - text), text, f->n, at + sizeof mark - 1);
	return out;
}

bool
err_add(struct fault *f, enum err e, const char *key, long n)
{
	if (f->count == FLAWS_MAX || (f->count > 0 && err_status(e) != err_status(f->flaws[0].err)))
		return false;
	f->flaws[f->count++] = (struct flaw){ e, key != NULL ? key : err_key(e), n };
	return false;
}

enum err
err_first(const struct fault *f)
{
	return f->count == 0 ? ERR_NONE : f->flaws[0].err;
}
