/* SPDX-License-Identifier: ISC */
/*
 * text: what is done to bytes and characters everywhere: UTF-8 (RFC 3629), form decoding,
 * base64url (RFC 4648), hexadecimal, digests and random bytes. Owns no state, knows no request.
 */
#include "text.h"

#include "mem.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/random.h>

/* The length of the well-formed sequence at `s`, and its code point; 0 if there is none. */
static size_t
sequence(const unsigned char *s, size_t left, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1
		: s[0] < 0xc2  ? 0
		: s[0] < 0xe0  ? 2
		: s[0] < 0xf0  ? 3
		: s[0] < 0xf5  ? 4
			       : 0;

	if (n == 0 || n > left)
		return 0;
	*point = n == 1 ? s[0] : s[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return n;
}

bool
text_utf8(const char *s, size_t length)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t point;

	while (length > 0) {
		size_t n = sequence(p, length, &point);

		if (n == 0 || point == 0)
			return false;
		p += n;
		length -= n;
	}
	return true;
}

size_t
text_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

bool
text_blank(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = strlen(s);

	while (left > 0) {
		uint32_t c = 0;
		size_t n = sequence(p, left, &c);

		if (n == 0)
			return false;
		if (!(c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 ||
			    c == 0x1680 || (c >= 0x2000 && c <= 0x200d) || c == 0x2028 ||
			    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x2060 ||
			    c == 0x3000 || c == 0xfeff))
			return false;
		p += n;
		left -= n;
	}
	return true;
}

void
text_lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

bool
text_lists(const char *words, const char *word, size_t length)
{
	static const char between[] = ", \t";

	for (words += strspn(words, between); *words != '\0'; words += strspn(words, between)) {
		size_t n = strcspn(words, between);

		if (n == length && strncasecmp(words, word, n) == 0)
			return true;
		words += n;
	}
	return false;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t
text_unescape(char *s, size_t length)
{
	size_t to = 0;

	for (size_t i = 0; i < length; i++) {
		int high, low;

		if (s[i] != '%') {
			s[to++] = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (length - i < 3 || (high = hex_digit(s[i + 1])) < 0 ||
			(low = hex_digit(s[i + 2])) < 0)
			return -1;
		s[to++] = (char)(high << 4 | low);
		i += 2;
	}
	return (ssize_t)to;
}

bool
text_same(const void *a, size_t a_length, const void *b, size_t b_length)
{
	return a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0;
}

size_t
text_base64url(char *out, const void *bytes, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const uint8_t *in = bytes;
	size_t to = 0;

	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
			(left > 2 ? in[i + 2] : 0);

		out[to++] = digits[group >> 18];
		out[to++] = digits[group >> 12 & 63];
		if (left > 1)
			out[to++] = digits[group >> 6 & 63];
		if (left > 2)
			out[to++] = digits[group & 63];
	}
	out[to] = '\0';
	return to;
}

/* Six bits of a base64url digit, or a value over 63. */
static unsigned
six_bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

ssize_t
text_unbase64url(void *out, const char *text, size_t length)
{
	uint8_t *to = out;
	uint32_t bits = 0;
	unsigned held = 0;

	if (length % 4 == 1)
		return -1;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = six_bits(text[i]);

		if (digit > 63)
			return -1;
		bits = bits << 6 | digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*to++ = (uint8_t)(bits >> held);
		}
	}
	if ((bits & ((1U << held) - 1)) != 0)
		return -1;
	return to - (uint8_t *)out;
}

void
text_hex(char *out, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	for (size_t i = 0; i < length; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = '\0';
}

bool
text_unhex(void *out, size_t length, const char *text, size_t text_length)
{
	uint8_t *to = out;

	if (text_length != 2 * length)
		return false;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool
text_random(void *out, size_t length)
{
	uint8_t *to = out;

	while (length > 0) {
		ssize_t n = getrandom(to, length, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		length -= (size_t)n;
	}
	return true;
}

void
text_sha256(uint8_t out[32], const void *bytes, size_t length)
{
	/* OpenSSL 3's SHA256() looks the algorithm up at each call, which costs more than the
	 * digest. */
	static EVP_MD_CTX *prepared;
	static EVP_MD *algorithm;

	if (prepared == NULL) {
		prepared = EVP_MD_CTX_new();
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
	if (EVP_DigestInit_ex2(prepared, algorithm, NULL) != 1 ||
		EVP_DigestUpdate(prepared, bytes, length) != 1 ||
		EVP_DigestFinal_ex(prepared, out, NULL) != 1)
		mem_abort("out of memory");
}

void
text_digest(char out[TEXT_DIGEST_SIZE], const char *s)
{
	uint8_t digest[32];

	text_sha256(digest, s, strlen(s));
	text_hex(out, digest, sizeof digest);
}

void
text_hmac(uint8_t out[32], const char *key, const char *what)
{
	unsigned length = 32;

	if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)what, strlen(what),
		    out, &length) == NULL)
		mem_abort("out of memory");
}

bool
text_duration(const char *s, long *seconds)
{
	static const char units[] = "smhd";
	static const long each[] = { 1, 60, 3600, 86400 };
	static const long most = 10L * 366 * 86400;
	const char *unit;
	long n = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++)
		if ((n = n * 10 + (*s - '0')) > most)
			return false;
	if (*s != '\0') {
		if ((unit = strchr(units, *s)) == NULL || s[1] != '\0')
			return false;
		if (n > most / each[unit - units])
			return false;
		n *= each[unit - units];
	}
	*seconds = n;
	return true;
}

bool
text_int(const char *s, int64_t *value)
{
	bool negative = *s == '-';
	int64_t n = 0;

	s += negative;
	if (!isdigit((unsigned char)*s) || (s[0] == '0' && (s[1] != '\0' || negative)))
		return false;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, negative ? -(*s - '0') : *s - '0', &n))
			return false;
	*value = n;
	return *s == '\0';
}
