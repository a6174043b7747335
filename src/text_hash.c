/* SPDX-License-Identifier: ISC */
/* text_hash: SHA-256 (FIPS 180-4) of what comes in pieces. */
#include "text.h"

#include "mem.h"

#include <openssl/evp.h>

static void
forget(void *hash)
{
	EVP_MD_CTX_free(hash);
}

struct text_hash *
text_hash_new(struct mem *m)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	if (EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
		mem_abort("SHA-256 cannot be had");
	mem_later(m, forget, hash);
	return (struct text_hash *)hash;
}

void
text_hash_add(struct text_hash *hash, const void *bytes, size_t length)
{
	if (EVP_DigestUpdate((EVP_MD_CTX *)hash, bytes, length) != 1)
		mem_abort("SHA-256 has failed");
}

void
text_hash_end(struct text_hash *hash, char out[TEXT_DIGEST_SIZE])
{
	uint8_t digest[32];

	if (EVP_DigestFinal_ex((EVP_MD_CTX *)hash, digest, NULL) != 1)
		mem_abort("SHA-256 has failed");
	text_hex(out, digest, sizeof digest);
}
