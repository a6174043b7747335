/* SPDX-License-Identifier: ISC */
#pragma once

#include "err.h"
#include "http.h"
#include "mem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What a value must be. Texts are UTF-8 without NUL; lengths count characters.
 *
 * UPLOAD is {name, type, size}, `min` and `max` in bytes; the bytes are input_file's. The name is a
 * file name of 255 bytes at most, never a path; the type is what the client says. An input where no
 * file was chosen is absent. TAGS of a form are all its values of that name, each split at commas.
 */
enum field_type {
	IS_LINE = 1, /* text without control characters */
	IS_TEXT,     /* any text, line breaks and all */
	IS_INT,      /* whole number from min to max */
	IS_NUMBER,   /* number from min to max */
	IS_BOOL,     /* true, false; in forms also on, 1, yes and their opposites */
	IS_NAME,     /* a username: ASCII letters, digits, _ - . */
	IS_EMAIL,    /* a mail address, 254 bytes at most */
	IS_URL,      /* an http or https address, or a relative one; shown, never fetched */
	IS_SLUG,     /* lower-case letters and digits in words joined by - */
	IS_TAGS,     /* list of lines of 60 characters at most, sorted, each once */
	IS_DATE,     /* YYYY-MM-DD of a real day */
	IS_CHOICE,   /* one of `choices` */
	IS_PASSWORD, /* any text; min in characters, max in bytes; never from a query */
	IS_UPLOAD,   /* a file of a multipart form */
	IS_COLOR,    /* #rrggbb, kept in lower case */
	IS_NEXT,     /* an address that input_next takes; anything else counts as absent */
	IS_OBJECT,   /* `fields` */
	IS_LIST,     /* objects of `fields`, `max` of them at most */
};

struct check;

/* From a single value to what a row gets, or NULL with its errors noted. */
typedef json_t *field_check(const struct check *c);

field_check check_line, check_text, check_int, check_number, check_bool, check_name, check_email,
	check_url, check_slug, check_tags, check_date, check_choice, check_password, check_upload,
	check_color, check_as_text;

/* The types as fields name them. Each brings its check along, so that a program is linked with
 * those of its own fields alone. */
#define LINE     .type = IS_LINE, .check = check_line
#define TEXT     .type = IS_TEXT, .check = check_text
#define INT      .type = IS_INT, .check = check_int
#define NUMBER   .type = IS_NUMBER, .check = check_number
#define BOOL     .type = IS_BOOL, .check = check_bool
#define NAME     .type = IS_NAME, .check = check_name
#define EMAIL    .type = IS_EMAIL, .check = check_email
#define URL      .type = IS_URL, .check = check_url
#define SLUG     .type = IS_SLUG, .check = check_slug
#define TAGS     .type = IS_TAGS, .check = check_tags
#define DATE     .type = IS_DATE, .check = check_date
#define CHOICE   .type = IS_CHOICE, .check = check_choice
#define PASSWORD .type = IS_PASSWORD, .check = check_password
#define UPLOAD   .type = IS_UPLOAD, .check = check_upload
#define COLOR    .type = IS_COLOR, .check = check_color
#define NEXT     .type = IS_NEXT, .check = check_as_text
#define OBJECT   .type = IS_OBJECT
#define LIST     .type = IS_LIST

/* One member that a request may hold. A table of these ends with a row whose name is NULL. Packed,
 * for programs are full of them. */
struct field {
	const char *name;
	field_check *check; /* NULL: of OBJECT and LIST */
	enum field_type type : 8;
	bool need : 1;  /* must be there and not blank; otherwise absent = left out of the input */
	bool null : 1;  /* null, "" and blanks are taken as null; otherwise they are refused */
	bool clamp : 1; /* INT: outside the bounds = the nearest of them, not an error */
	int min, max;   /* 0, 0 = no bound; max below min = no upper one */
	union {
		const char *const *choices; /* of CHOICE; ends with NULL */
		const struct field *fields; /* of OBJECT and LIST */
	};
	/* How a form shows it; requests take no notice. */
	const char *label;  /* NULL: made from the name, "current_password" -> "Current password" */
	const char *widget; /* templates/widgets/NAME.html; NULL: by type */
	const char *autocomplete; /* as HTML calls it; NULL = nothing said */
	const char *accept;       /* the media types of a file, with commas; NULL = any */
	const char *hint;         /* a line of help; NULL = none */
};

/* A request's members as they came: path, then query (GET, HEAD, and DELETE without a body) or
 * body. */
struct sent;

enum {
	TAGS_AGAIN = 50
};

/*
 * Open what a request brought, in `m`. A JSON body must be one object, holding `envelope` if that
 * is not NULL; a form is flat. No body, whatever its type, lacks the envelope. NULL with the error
 * noted: a broken or costly body, or one of another media type.
 */
struct sent *input_open(struct mem *m, const struct http_request *rq, const char *envelope,
	const struct http_pair *path, size_t path_count, struct fault *fault);

/*
 * The same of a form whose file is read as it comes (rq->coming): the texts that stand before it
 * are read, and the file is there with its name and type, and size 0.
 */
struct sent *input_come(struct mem *m, const struct http_request *rq, const struct http_pair *path,
	size_t path_count, struct fault *fault);

/* Up to `size` bytes of that file; 0 at its end, -1 with the error noted. */
ssize_t input_some(struct sent *sent, char *to, size_t size, struct fault *fault);

/* Read what stands behind that file; false with the error noted. */
bool input_rest(struct sent *sent, struct fault *fault);

/*
 * The declared members of what was sent, typed and valid, as an object in `m`; unknown ones are
 * dropped; of a name given twice the first counts. `sent` NULL: nothing was sent. Everything wrong
 * is noted in `fault`, all at once, per member (nested: "a.b", "a.0.b"); then the result is NULL.
 * `fields` NULL: nothing is read, the result is {}.
 */
json_t *
input_read(struct mem *m, const struct field *fields, const struct sent *sent, struct fault *fault);

/*
 * A member's text as it came, to show a form again; the request's. NULL if it is absent, no text, a
 * file, or not UTF-8 without NUL, or if `sent` is NULL.
 */
const char *input_text(const struct sent *sent, const char *name);

/*
 * The tags of a form as they came, to show them again: TAGS_AGAIN of them at most, each once, as an
 * array in `m`; [] where there are none, or no text.
 */
json_t *input_tags(struct mem *m, const struct sent *sent, const char *name);

/*
 * The bytes of an uploaded file, the request's own (no NUL behind them), and their number in
 * *length. NULL if there is none, or if `sent` is NULL.
 */
const char *input_file(const struct sent *sent, const char *name, size_t *length);

/*
 * True if `s` is a path of this site, with or without a query, where a browser may go on to: text
 * of 2000 bytes at most that no browser, proxy or decoder takes for another host or another path,
 * and neither /login, /register nor /logout, which would lead round in a circle.
 */
bool input_local(const char *s);

/*
 * The same, or such a path of one of the sites that input_let_next has named, https://host/path.
 * They are addresses with blanks between, and must live on; before that, there are none.
 */
bool input_next(const char *s);
void input_let_next(const char *sites);

/* Whether a form's text means yes: true, on, 1, yes. */
bool input_yes(const char *text);

/* The widget of a field: its own, or that of its type; NULL for OBJECT and LIST. */
const char *input_widget(const struct field *f);

/* What a form calls a field, in `m`: its label, or one made from its name. */
const char *input_label(struct mem *m, const struct field *f);
