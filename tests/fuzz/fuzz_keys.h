/* SPDX-License-Identifier: ISC */
#pragma once

/* What the targets of tokens and keys share: the keys of RFC 7515's appendix A. */

#include "fuzz.h"
#include "jws.h"

#define FUZZ_HMAC                                                                                  \
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define FUZZ_HS256 "{\"kty\":\"oct\",\"kid\":\"a1\",\"alg\":\"HS256\",\"k\":\"" FUZZ_HMAC "\"}"
#define FUZZ_ES256                                                                                 \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"kid\":\"a3\",\"alg\":\"ES256\"}"

static inline struct jwks *
keys_of(const char *json)
{
	const char *why = NULL;
	struct jwks *set = jwks_read(json, strlen(json), JWS_PRODUCTION, &why);

	HOLDS(set != NULL && why == NULL);
	return set;
}
