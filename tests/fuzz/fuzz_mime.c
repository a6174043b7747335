/* SPDX-License-Identifier: ISC */
/* fuzz_mime: whatever a mail is made of, it has the headers that it should have and no others,
 * ASCII in lines that are not too long, and parts that end where they say. The input: subject,
 * sender, name of the addressee, name of a file, text; a line each, and the rest. */
#include "fuzz.h"
#include "mime.h"

static void
is_written(const char *text, size_t length)
{
	static const char *const names[] = { "Date: ", "From: ", "To: ", "Subject:", "Message-ID: ",
		"Auto-Submitted: ", "MIME-Version: ", "Content-Type: " };
	size_t run = 0, name = 0;
	bool head = true;

	for (size_t i = 0; i < length; i++) {
		bool first = i == 0 || text[i - 1] == '\n';

		HOLDS((text[i] >= ' ' && text[i] < 0x7f) || text[i] == '\r' || text[i] == '\n' ||
			(text[i] == '\t' && !head));
		HOLDS((text[i] == '\r') == (i + 1 < length && text[i + 1] == '\n'));
		run = first ? 1 : run + 1;
		HOLDS(run <= 998);
		if (head && first && text[i] == '\r')
			head = false;
		if (head && first && text[i] != ' ') {
			HOLDS(name < COUNT(names));
			HOLDS(strncmp(text + i, names[name], strlen(names[name])) == 0);
			name++;
		}
		if (!head)
			HOLDS(run <= 202);
	}
	HOLDS(!head && name == COUNT(names));
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *at = (const char *)data, *why, *text, *again;
	const char *subject = fuzz_take(m, &at, &size, '\n'),
		   *from = fuzz_take(m, &at, &size, '\n');
	const char *to = fuzz_take(m, &at, &size, '\n'), *name = fuzz_take(m, &at, &size, '\n');
	const char *body = fuzz_take(m, &at, &size, '\0');
	struct mime_file file = { name, "application/pdf", mime_base64(m, at, size) };
	struct mime mail = { .to = { to, "to@example.org" },
		.subject = subject,
		.text = body,
		.html = body,
		.id = "1@example.org",
		.files = &file,
		.files_count = 1 };
	size_t length, other;

	if (mime_read_box(m, from, &mail.from) != NULL)
		return 0;
	HOLDS(mime_address_wrong(mail.from.address) == NULL && !fuzz_control(mail.from.address));
	text = mime_write(m, &mail, &length, &why);
	HOLDS((text == NULL) == (why != NULL));
	if (text == NULL)
		return 0;
	HOLDS(fuzz_utf8(subject, strlen(subject)) && fuzz_utf8(to, strlen(to)));
	is_written(text, length);
	HOLDS(count_of(text, "\r\n--=_mixed\r\n") == 2 &&
		count_of(text, "\r\n--=_mixed--\r\n") == 1);
	HOLDS(count_of(text, "\r\n--=_texts\r\n") == 2 &&
		count_of(text, "\r\n--=_texts--\r\n") == 1);
	again = mime_write(m, &mail, &other, &why);
	HOLDS(other == length && memcmp(text, again, length) == 0);
	return 0;
}
