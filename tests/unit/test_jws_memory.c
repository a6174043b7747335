/* SPDX-License-Identifier: ISC */
/*
 * jws: without memory or randomness. Each allocation of OpenSSL fails once: then there is what
 * there would have been, or nothing, or the process ends; never a forged token that is taken, one
 * that nobody can verify, or half a key. (jansson's end the process: test_mem.c.)
 */
#include "fail_help.h"
#include "jws_help.h"

/* Keys that go by their thumbprint; that of RFC 8037 appendix A. */
#define HS_KEY "{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"" A1_K "\"}"
#define ES_KEY "{" A3_XY ",\"d\":\"" A3_D "\",\"alg\":\"ES256\"}"
#define ED_KEY                                                                                     \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\","                                  \
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","                                   \
	"\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"

enum outcome {
	RIGHT,
	REFUSED,
	ENDED,
	WRONG,
	NOT_REACHED, /* there are fewer allocations */
	OUTCOMES
};

/* One thing to do while its n-th allocation fails, or none; and then to see what came of it. */
struct step {
	enum outcome (*run)(const struct step *step);
	const char *text; /* a key, or the name of an algorithm */
	long nth;
};

static const char *
dumped(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *copy = mem_copy(m, text, strlen(text));

	free(text);
	json_decref(json);
	return copy;
}

static const char *
sign_with(const struct jwks *set)
{
	return jws_sign(m, jwks_signer(set), "JWT", PAYLOAD, strlen(PAYLOAD));
}

/* True if the token names its key and its type, and is good. */
static bool
is_whole(const struct jwks *set, const char *token)
{
	const char *payload;
	size_t length;

	return jws_verify_set(m, set, "JWT", token, strlen(token), &payload, &length) &&
		strcmp(payload, PAYLOAD) == 0;
}

/* True if the key's name, and what is published of it, are those that it has with memory. */
static bool
is_itself(const struct step *step, const struct jwks *set, json_t *public)
{
	static char ever[600];
	const char *now = mem_print(m, "%s %s", jwk_kid(jwks_at(set, 0)), dumped(public));

	if (step->nth == 0)
		snprintf(ever, sizeof ever, "%s", now);
	return strcmp(now, ever) == 0;
}

static enum outcome
read_key(const struct step *step)
{
	const char *why;
	struct jwks *set;
	bool good;

	fail_at = step->nth;
	set = jwks_read(step->text, strlen(step->text), JWS_PRODUCTION, &why);
	if (fail_at > 0)
		return NOT_REACHED;
	if (set == NULL)
		return why != NULL ? REFUSED : WRONG;
	good = is_itself(step, set, jwks_public(set)) && is_whole(set, sign_with(set));
	jwks_free(set);
	return good ? RIGHT : WRONG;
}

static enum outcome
new_key(const struct step *step)
{
	struct jwks *set;
	json_t *jwk;
	bool good;

	fail_at = step->nth;
	jwk = jwk_new(step->text);
	if (fail_at > 0)
		return NOT_REACHED;
	if (jwk == NULL)
		return REFUSED;
	set = keys_of(dumped(jwk));
	good = is_whole(set, sign_with(set));
	jwks_free(set);
	return good ? RIGHT : WRONG;
}

static enum outcome
sign(const struct step *step)
{
	struct jwks *set = keys_of(step->text);
	const char *token;
	bool good;

	fail_at = step->nth;
	token = sign_with(set);
	if (fail_at > 0)
		return NOT_REACHED;
	good = token != NULL && is_whole(set, token);
	jwks_free(set);
	return good ? RIGHT : token == NULL ? REFUSED : WRONG;
}

/* A good token; and then, with the same allocation, a forged one. */
static enum outcome
verify(const struct step *step)
{
	struct jwks *set = keys_of(step->text);
	char *token = craft(set, mem_print(m, "{\"alg\":\"%s\"}", jwk_alg(jwks_at(set, 0))));
	size_t length = strlen(token), n;
	const char *payload = NULL;
	bool good, forged;

	fail_at = step->nth;
	good = jws_verify(m, jwks_at(set, 0), NULL, token, length, &payload, &n);
	if (fail_at > 0)
		return NOT_REACHED;
	token[length - 20] ^= 1;
	fail_at = step->nth;
	forged = jws_verify(m, jwks_at(set, 0), NULL, token, length, &payload, &n);
	fail_at = 0;
	jwks_free(set);
	if (forged || (good && strcmp(payload, PAYLOAD) != 0))
		return WRONG;
	return good ? RIGHT : REFUSED;
}

static void
take(const void *what)
{
	const struct step *step = what;

	fprintf(stderr, "%d", (int)step->run(step));
}

static enum outcome
outcome_of(const struct step *step)
{
	char said[512];
	int status = in_child(take, step, said, sizeof said);

	if (WIFEXITED(status) && strlen(said) == 1)
		return (enum outcome)(said[0] - '0');
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
		strncmp(said, "postern: ", 9) == 0 && strchr(said, '\n')[1] == '\0')
		return ENDED; /* as planned, with a line that says why */
	print_error("status %x: %s\n", status, said);
	return WRONG;
}

static void
F11_each_allocation_fails_once(void **state)
{
	static const struct step steps[] = {
		{ read_key, HS_KEY, 0 },
		{ read_key, ES_KEY, 0 },
		{ read_key, ED_KEY, 0 },
		{ new_key, "HS256", 0 },
		{ new_key, "ES256", 0 },
		{ new_key, "EdDSA", 0 },
		{ sign, HS_KEY, 0 },
		{ sign, ES_KEY, 0 },
		{ sign, ED_KEY, 0 },
		{ verify, HS_KEY, 0 },
		{ verify, ES_KEY, 0 },
		{ verify, ED_KEY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct step step = steps[i];
		long came[OUTCOMES] = { 0 };

		assert_int_equal(step.run(&step), RIGHT); /* what OpenSSL does once is done */
		while (came[NOT_REACHED] == 0 && came[WRONG] == 0) {
			step.nth++;
			came[outcome_of(&step)]++;
		}
		if (came[WRONG] > 0)
			fail_msg("step %zu, %s: allocation %ld", i, step.text, step.nth);
		assert_true(came[REFUSED] + came[ENDED] > 0);
	}
}

/* The JSON of this set takes a tenth of the memory that the set would. */
static void
read_a_large_set(const void *text)
{
	const char *why;

	limit_memory(16 << 20);
	jwks_read(text, strlen(text), JWS_PRODUCTION, &why);
}

static void
F11_a_set_too_large_for_memory_ends_the_process(void **state)
{
	enum {
		KEYS = 200000
	};
	char *text = mem_get(m, 5 * KEYS + 20), *to = text + sprintf(text, "{\"keys\":[true");

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it would end the process in its own way */
#endif
	for (size_t i = 1; i < KEYS; i++)
		to += sprintf(to, ",true");
	strcpy(to, "]}");
	assert_aborts(read_a_large_set, text, "out of memory");
}

static void
make_without_randomness(const void *alg)
{
	json_t *jwk = mem_pack(m, "{ss}", "alg", alg);

	fail_call(SYS_getrandom, ENOSYS);
	fputs(jwk_new(alg) == NULL ? "no key" : "a key", stderr);
	fputs(jwk_make(jws_alg_of(jwk), jwk) ? ", numbers" : ", no numbers", stderr);
}

static void
F12_no_key_without_randomness(void **state)
{
	static const char *const names[] = { "HS256", "ES256", "EdDSA" };
	char said[100];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(in_child(make_without_randomness, names[i], said, sizeof said), 0);
		assert_string_equal(said, "no key, no numbers");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(F11_each_allocation_fails_once),
		cmocka_unit_test(F11_a_set_too_large_for_memory_ends_the_process),
		cmocka_unit_test(F12_no_key_without_randomness),
	};

	fail_set_up();
	mem_serve_json(NULL);
	return cmocka_run_group_tests(tests, keys_up, keys_down);
}
