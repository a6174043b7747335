/* SPDX-License-Identifier: ISC */
/*
 * token_memory: tokens that verified, so that each is paid for once. Owns a table of eight-way
 * sets, found by the SHA-256 of the whole token, signature included: nobody can meet another's
 * entry without breaking the digest. Knows nothing of keys: when they change, start a new memory.
 */
#include "token_memory.h"

#include "jws.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 8,
	PAYLOAD_MAX = 2048, /* bytes; what is longer is not kept */
};

struct entry {
	uint8_t digest[32];
	char *payload; /* NULL: never used, and exp is 0 */
	size_t length;
	long long exp;
};

struct token_memory {
	size_t count; /* of sets; a power of two, or 0 */
	size_t used;  /* entries with a payload */
	struct entry sets[][WAYS];
};

struct token_memory *
token_memory_new(size_t entries)
{
	size_t count = entries > 0;
	struct token_memory *memory;

	while (count * WAYS < entries)
		count *= 2;
	if ((memory = calloc(1, sizeof *memory + count * sizeof *memory->sets)) == NULL)
		mem_abort("out of memory");
	memory->count = count;
	return memory;
}

void
token_memory_free(struct token_memory *memory)
{
	for (size_t i = 0; memory != NULL && memory->used > 0; i++) {
		struct entry *e = &memory->sets[i / WAYS][i % WAYS];

		memory->used -= e->payload != NULL;
		free(e->payload);
	}
	free(memory);
}

/* The place of a token, digest set: where it is, else where what ends first is. */
static struct entry *
place(struct token_memory *memory, const char *token, size_t length, uint8_t digest[32])
{
	struct entry *set, *best;
	uint64_t first;

	text_sha256(digest, token, length);
	memcpy(&first, digest, sizeof first);
	best = set = memory->sets[first & (memory->count - 1)];
	for (struct entry *e = set; e < set + WAYS; e++) {
		if (memcmp(e->digest, digest, sizeof e->digest) == 0)
			return e;
		if (e->exp < best->exp)
			best = e;
	}
	return best;
}

const char *
token_recall(struct token_memory *memory, const char *token, size_t length, long long now,
	size_t *payload_length)
{
	uint8_t digest[32];
	struct entry *e;

	if (memory->count == 0 || length > JWS_TOKEN_MAX)
		return NULL;
	e = place(memory, token, length, digest);
	if (e->exp <= now || memcmp(e->digest, digest, sizeof digest) != 0)
		return NULL;
	*payload_length = e->length;
	return e->payload;
}

void
token_remember(struct token_memory *memory, const char *token, size_t length, const char *payload,
	size_t payload_length, long long exp)
{
	uint8_t digest[32];
	struct entry *e;
	char *copy;

	if (memory->count == 0 || length > JWS_TOKEN_MAX || payload_length > PAYLOAD_MAX)
		return;
	e = place(memory, token, length, digest);
	memory->used += e->payload == NULL;
	if ((copy = realloc(e->payload, payload_length + 1)) == NULL)
		mem_abort("out of memory");
	memcpy(copy, payload, payload_length);
	copy[payload_length] = '\0';
	memcpy(e->digest, digest, sizeof digest);
	e->payload = copy;
	e->length = payload_length;
	e->exp = exp;
}
