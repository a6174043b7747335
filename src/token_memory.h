/* SPDX-License-Identifier: ISC */
#pragma once

#include <stddef.h>

/*
 * A bounded memory of tokens that verified, so that a signature is checked once: key SHA-256 of the
 * whole token, value the payload. Eight-way sets; a full set forgets what ends first.
 */
struct token_memory;

/* `entries` tokens at most (0 = remember nothing), rounded up to a power of two, 8 at least. */
struct token_memory *token_memory_new(size_t entries);
void token_memory_free(struct token_memory *memory);

/* The payload of a remembered token whose `exp` (Unix seconds) is after `now`, or NULL. Valid until
 * the next call. */
const char *token_recall(struct token_memory *memory, const char *token, size_t length,
	long long now, size_t *payload_length);

/* Remember a token that verified, until `exp`. Payloads over 2 KiB are not kept. */
void token_remember(struct token_memory *memory, const char *token, size_t length,
	const char *payload, size_t payload_length, long long exp);
