/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* True if `s` is well-formed UTF-8 (RFC 3629: no surrogates, nothing over-long) without a NUL. */
bool text_utf8(const char *s, size_t length);

/* The number of code points in the well-formed UTF-8 string `s`. */
size_t text_length(const char *s);

/* True if `s` holds nothing but white space (Unicode's, and what has no width). */
bool text_blank(const char *s);

/* `s` in ASCII lower case, in place: the canonical form of names and mail addresses. */
void text_lower(char *s);

/*
 * Whether the `length` bytes at `word` are one of `words`, which blanks or commas separate,
 * whatever their case.
 */
bool text_lists(const char *words, const char *word, size_t length);

/*
 * Decode %XX, and '+' as a blank, of a query or form part (application/x-www-form-urlencoded) in
 * place. Returns the decoded length, which may hold NUL bytes, or -1 for a broken escape.
 */
ssize_t text_unescape(char *s, size_t length);

/* True if both strings are equal; the time depends on the lengths alone. */
bool text_same(const void *a, size_t a_length, const void *b, size_t b_length);

struct mem;

/* `s` with everything but RFC 3986's unreserved characters as %XX, in `m`: one segment of a path or
 * one value of a query. */
const char *text_escape(struct mem *m, const char *s);

/*
 * `s` as an address that may stand in href, src, action and Location, in `m`: an http, https or
 * mailto address, or one without a scheme; what may not stand in a URL is percent-encoded (RFC 3986
 * section 2), and what is there of it stays. An address with another scheme becomes "#".
 */
const char *text_url(struct mem *m, const char *s);

/*
 * `title` as it stands in an address, in at most `size` bytes with the NUL: its letters, in lower
 * case and without their marks, and digits, in words joined by -. Returns its length, which is 0
 * when nothing of the title can stand there.
 */
size_t text_slug(char *out, size_t size, const char *title);

/*
 * base64url without padding (RFC 4648 section 5). `out` takes text_base64url_size(length) bytes,
 * the NUL included. Returns the number of characters.
 */
size_t text_base64url(char *out, const void *bytes, size_t length);
#define text_base64url_size(length) (((length) + 2) / 3 * 4 + 1)

/*
 * Decode canonical base64url: its alphabet only, no padding, no blanks, spare bits zero. `out`
 * takes at least length * 3 / 4 bytes. Returns the number of bytes, or -1.
 */
ssize_t text_unbase64url(void *out, const char *text, size_t length);

/* Lower-case hexadecimal of `length` bytes; `out` takes 2 * length + 1. */
void text_hex(char *out, const void *bytes, size_t length);

/* Decode exactly `length` bytes of hexadecimal, either case. False if the text is anything else. */
bool text_unhex(void *out, size_t length, const char *text, size_t text_length);

/* `length` random bytes of the kernel. False if there are none to be had: then use nothing. */
bool text_random(void *out, size_t length);

/* SHA-256 (FIPS 180-4) of `length` bytes. */
void text_sha256(uint8_t out[32], const void *bytes, size_t length);

enum {
	TEXT_DIGEST_SIZE = 65
};

/* The SHA-256 of a text in hexadecimal: what is kept of a secret. */
void text_digest(char out[TEXT_DIGEST_SIZE], const char *s);

/* The SHA-256 of what comes in pieces, in hexadecimal at the end. It is the memory's. */
struct text_hash;
struct text_hash *text_hash_new(struct mem *m);
void text_hash_add(struct text_hash *hash, const void *bytes, size_t length);
void text_hash_end(struct text_hash *hash, char out[TEXT_DIGEST_SIZE]);

/* HMAC-SHA-256 (RFC 2104) of the text `what` under the text `key`. */
void text_hmac(uint8_t out[32], const char *key, const char *what);

enum {
	TEXT_NETWORK_SIZE = 64
};

/* The network that one subscriber has of an internet address, as text: IPv4 whole, also when it is
 * mapped into IPv6, and IPv6 by its /64. What is no address is cut to fit. Returns `out`. */
const char *text_network(char out[TEXT_NETWORK_SIZE], const char *address);

/*
 * A duration such as "90", "15m", "12h", "7d" (bare = seconds; s m h d) in seconds. False if the
 * text is anything else or longer than ten years.
 */
bool text_duration(const char *s, long *seconds);

/* A decimal integer without sign tricks, blanks or leading zeros, within int64. */
bool text_int(const char *s, int64_t *value);
