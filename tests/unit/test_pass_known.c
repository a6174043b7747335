/* SPDX-License-Identifier: ISC */
/*
 * pass: known answers for each format, and what must never match. The answers are published test
 * vectors where a comment says so, else made by Python's hashlib and crypt.
 */
#include "pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HORSE "correct horse"

static const struct pass_rules quick = { .cost = 4 };

struct known {
	const char *password, *hash;
};

/* What bcrypt makes of HORSE at cost 5, but for the four characters in front. */
#define HORSE_05 "05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"

static const struct known bcrypts[] = {
	/* from the tests of crypt_blowfish */
	{ "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
	{ HORSE, "$2b$" HORSE_05 },
	{ HORSE, "$2a$" HORSE_05 },
	{ HORSE, "$2y$" HORSE_05 },
	{ HORSE, "$2b$06$abcdefghijklmnopqrstuud/5IuQmqhVO0kfNEbHJM.fJkPiliBzC" },
};

static const struct known crypts[] = {
	/* from the specification of SHA-crypt */
	{ "Hello world!",
		"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68"
		"u4OTLiBFdcbYEdFCoEOfaS35inz1" },
	{ HORSE,
		"$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1"
		"XXuzvo6kbx7UOloZKONqEk5"
		"H3JrQA4NOfU8BmqFPrpGqwA1" },
	{ HORSE, "$y$j75$k2XAnEHBqQ1Ct2aMXFKNa/$E9XAySfP6N2THWdzNKesSVmhpcmhNusa8y5TMfT668." },
	{ HORSE, "$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/$Ry7oZ9ThqkDutyuKduodO92iRCkOPEVA3D3cGUEN1J1" },
	{ HORSE, "$y$jCT$k2XAnEHBqQ1Ct2aMXFKNa/$rXrflxSwptJ2mXq/vWqF8TI7qjh/a.sPpTS8H30cCm/" },
};

static const struct known werkzeugs[] = {
	/* RFC 7914 section 12 */
	{ "pleaseletmein",
		"scrypt:16384:8:1$SodiumChloride$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8"
		"e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d65"
		"1e40dfcf017b45575887" },
	{ HORSE,
		"scrypt:32768:8:1$aZ09aZ09aZ09aZ09$cb3aafd8883fefdeab4e000239b84"
		"441fe5c2876a586976bd8fee"
		"2785c5f1c583760e1125be192ee3edbd7f4cd491268c224ff000089fb29929fb225daea3d06" },
	{ HORSE,
		"scrypt:32768:1:1$r1$9f85cf04005bc762a5d1cb8e9c3fca38c36b9ef5dfd"
		"bb03f638cf6ed34be0def8eb"
		"0ab47a3ccf3cfc1b88881cd850c796eccbf3f8044a2dc950d31f0c25d9a6b" },
	{ HORSE,
		"scrypt:1024:8:1$x$71c213460ed28355dad893500ba93e7e28aa3a53a4429"
		"82a1af51055d3e38d0fa0d92"
		"840ffeafb6c5c135e4cd79e17cd08fbcab668a4f93f9dcdd40f640c28bb" },
	{ "p\u00e4ssword",
		"scrypt:1024:8:2$utf8$16b5d075cac8dafa95d2660424f6d1e3a74795caa52f24d36cde0aee"
		"241adc7e9c0db2914351eb4d7bd14c974928aa7cfd0ca6077cb441dba6e09dcd19183f60" },
	/* RFC 7914 section 11 */
	{ "passwd",
		"pbkdf2:sha256:1$salt$55ac046e56e3089fec1691c22544b605f94185216d"
		"de0465e68b9d57c20dacbc" },
	{ HORSE,
		"pbkdf2:sha256:1000$bY18bY18bY18bY18$1f4169a1b7b2017d23698e213d1fa286430468159"
		"12c116fb6e937b446a9d093" },
	{ HORSE,
		"pbkdf2:sha256:260000$bY18bY18bY18bY18$01fb6fcf9fcec4313757dff8846d9e0e7ebfc4ef"
		"86ab276a810ca97cbe708470" },
};
#define SCRYPT_KEY                                                                                 \
	"71c213460ed28355dad893500ba93e7e28aa3a53a442982a1af51055d3e38d0fa0d9284"                  \
	"0ffeafb6c5c135e4cd79e17"                                                                  \
	"cd08fbcab668a4f93f9dcdd40f640c28bb"
#define PBKDF2_KEY "4257785f225a8b1f6328ee559cbf0ba7d3b265b19d486941ef39df804c7c492f"
#define ROUNDS_OVER                                                                                \
	"$6$rounds=1000001$saltsalt$KRso5adT2ac2Gl7tqEFyDZsNyC5RpjgiButdgSPZR6GP"                  \
	"1UkEiNT/kUyTWwTj4uzCHk"                                                                   \
	"H7KVM6ZffsvmvQYrGRH1"

#define SHA512_KEY                                                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                              \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* None may match. Those beyond the bounds of cost, or without a salt, do belong to HORSE. */
static const char *const malformed[] = { "", "*", "*0", "*1", "!", "x", "$", "$$", HORSE, "$2b$",
	"$2b$05$", "$2b$05$abcdefghijklmnopqrstuu", "!$2b$" HORSE_05, " $2b$" HORSE_05,
	"$2b$" HORSE_05 " ", "$2b$" HORSE_05 "x", "$2$" HORSE_05, "$2x$" HORSE_05, "$2B$" HORSE_05,
	"$2b$5$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$03$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$16$abcdefghijklmnopqrstuuN1zDYnS8knH.5ajGV9KBmCO0Lwk.8xm",
	"$2b$31$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$99$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$0/$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$0:$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$-5$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$2b$05$abcdefghij!lmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
	"$1$saltsalt$NuzA7WTAelpl95xgBGWN60",
	"$5$saltsalt$myjXcpMpE2Ofk7fj9hqyNYSn6lmWG4Mqnjx.KIRRr4/", ROUNDS_OVER, "$6$", "$6$$",
	"$6$saltsalt", "$6$rounds=$saltsalt$x", "$6$rounds=0$saltsalt$x", "$6$rounds=-1$saltsalt$x",
	"$6$rounds=01000$saltsalt$x", "$6$rounds=99999999999999999999$s$x", "$6$rounds=1000",
	"$6$a:b$x", "$6$a\nb$x", "$6$salt$" SHA512_KEY "a", "$6$" SHA512_KEY,
	"$6$rounds=999$salt$" SHA512_KEY, "$6$seventeen letters$" SHA512_KEY,
	"$6$sixteen-letters-x$" SHA512_KEY, "$6$a!b$" SHA512_KEY, "$6$a\\b$" SHA512_KEY,
	"$6$a\xe9$" SHA512_KEY, "$6$a b$" SHA512_KEY, "$6$salt$!" SHA512_KEY,
	"$y$j9T$salt$" SHA512_KEY, "$y$", "$y$$", "$y$j9T", "$y$j9T$", "$y$j9T$abc$",
	"$y$jDT$k2XAnEHBqQ1Ct2aMXFKNa/$VTq/sQeo.aSu9RVQnzwr66mFRbHgUzyPZHyzzIz8mf2",
	"$y$jZT$k2XAnEHBqQ1Ct2aMXFKNa/$VTq/sQeo.aSu9RVQnzwr66mFRbHgUzyPZHyzzIz8mf2", "scrypt",
	"scrypt:", "scrypt:1024", "scrypt:1024:8:1", "scrypt:1024:8:1$", "scrypt:1024:8:1$x$",
	"scrypt:1024:8:1$$f27abcba2357c702456aa2ef684a0a04c5101c41f8d47f015dffcd6130e3"
	"601ff67f3a56ab778b8a9b0a4d5ad54906c7692f91f21459d541a254740450bec831",
	"scrypt:1024:8:1$x$" SCRYPT_KEY "0", "scrypt:1024:8$x$" SCRYPT_KEY,
	"scrypt:01024:8:1$x$" SCRYPT_KEY, "scrypt:+1024:8:1$x$" SCRYPT_KEY,
	"scrypt: 1024:8:1$x$" SCRYPT_KEY, "scrypt:1024:8:1:1$x$" SCRYPT_KEY,
	"scrypt:N:8:1$x$" SCRYPT_KEY, "scrypt:1025:8:1$x$" SCRYPT_KEY, "scrypt:0:8:1$x$" SCRYPT_KEY,
	"scrypt:1:8:1$x$" SCRYPT_KEY, "scrypt:-1024:8:1$x$" SCRYPT_KEY,
	"scrypt:1024:0:1$x$" SCRYPT_KEY, "scrypt:1024:8:0$x$" SCRYPT_KEY,
	"scrypt:262144:8:1$x$d07599838aa8ffff288287378d784278a47fe0f67595d2f2d4fdd655a"
	"590700558a587643d52cc1376c161148af087091cfe0d2d86f39dbae4c66eb7713ad109",
	"scrypt:1024:17:1$x$09f0f2b7a8b06c84da3f3ed7fa64a5ab86598bd5421071ebca7fd4a69"
	"a94c6ddd842323d0d02e43ea73b6f91588df79ff78d2e6574da20411e15418f4795e0e2",
	"scrypt:1024:8:5$x$0ac5cc0b2df37f16d1e1998a86a8314b278afd38488ec43731ee434b55"
	"00d296fa691fa35c26dd6e723a39f808b03190ec36c8d3b8dba9a8bf560442e7cf95f1",
	"scrypt:65536:1:1$x$" SCRYPT_KEY, "scrypt:18446744073709551616:8:1$x$" SCRYPT_KEY,
	"scrypt:1024:4294967304:1$x$" SCRYPT_KEY,
	"scrypt:1024:8:1$x$71C213460ED28355DAD893500BA93E7E28AA3A53A442982A1AF51"
	"055D3E38D0FA0D92840FFEAFB6"
	"C5C135E4CD79E17CD08FBCAB668A4F93F9DCDD40F640C28BB",
	"pbkdf2", "pbkdf2:", "pbkdf2:sha256", "pbkdf2:sha256:", "pbkdf2:sha256:1",
	"pbkdf2:sha256:1$x", "pbkdf2:sha256:1$x$",
	"pbkdf2:sha256:1$$64c035378e3cfc3d628fb5d12920249e8a40cbeed3b9b7c9a46a3403f441ac63",
	"pbkdf2:sha256:0$x$" PBKDF2_KEY, "pbkdf2:sha256:01$x$" PBKDF2_KEY,
	"pbkdf2:sha256:-1$x$" PBKDF2_KEY, "pbkdf2:sha256:1:1$x$" PBKDF2_KEY,
	"pbkdf2:sha256:2000001$x$cfd2d3719355d316041133ceb84580cf9c64e46f155370d136e9"
	"e10e574b184d",
	"pbkdf2:sha256:4294967297$x$" PBKDF2_KEY,
	"pbkdf2:sha1:1$x$32a7b02767a8d21441f01191aecee3ca6f3e74aa", "pbkdf2:sha512:1$x$" PBKDF2_KEY,
	"pbkdf2:sha256:1$x$" PBKDF2_KEY "00",
	"pbkdf2:sha256:1$x$4257785F225A8B1F6328EE559CBF0BA7D3B265B19D486941EF39DF804C7C492F",
	"plain$x$" HORSE, "md5$x$0123", "sha1$x$0123" };

static enum pass
check(const char *hash, const char *password)
{
	return pass_check(&quick, hash, password, strlen(password));
}

/* The password matches, weak unless $2b$; a shorter one and another do not. */
static void
known_answers(const struct known *k, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum pass expected = strncmp(k[i].hash, "$2b$", 4) == 0 ? PASS_RIGHT : PASS_WEAK;
		char other[1100];
		int n = snprintf(other, sizeof other, "%s.", k[i].password);

		assert_true(pass_known(k[i].hash));
		if (check(k[i].hash, k[i].password) != expected)
			fail_msg("no match: %s", k[i].hash);
		assert_int_equal(pass_check(&quick, k[i].hash, other, (size_t)n - 2), PASS_WRONG);
		other[0] ^= 1;
		assert_int_equal(pass_check(&quick, k[i].hash, other, (size_t)n - 1), PASS_WRONG);
	}
}

static void
bcrypt_known(void **state)
{
	(void)state;
	known_answers(bcrypts, sizeof bcrypts / sizeof bcrypts[0]);
}

static void
crypt_known(void **state)
{
	(void)state;
	known_answers(crypts, sizeof crypts / sizeof crypts[0]);
}

static void
werkzeug_known(void **state)
{
	(void)state;
	known_answers(werkzeugs, sizeof werkzeugs / sizeof werkzeugs[0]);
}

static void
A13_malformed_never_matches(void **state)
{
	char endless[70000];

	(void)state;
	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		if (check(malformed[i], HORSE) != PASS_WRONG ||
			check(malformed[i], "") != PASS_WRONG)
			fail_msg("match: %s", malformed[i]);
		if (pass_known(malformed[i]))
			fail_msg("known: %s", malformed[i]);
		assert_int_equal(check(malformed[i], malformed[i]), PASS_WRONG);
	}
	memset(endless, '1', sizeof endless - 1);
	endless[sizeof endless - 1] = '\0';
	assert_int_equal(check(endless, HORSE), PASS_WRONG);
	memcpy(endless, "scrypt:", 7);
	assert_int_equal(check(endless, HORSE), PASS_WRONG);
}

/* Every shorter form of a hash, and every form with one character changed. */
static void
A13_damaged_never_matches(void **state)
{
	static const char *const hashes[] = {
		"$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1"
		"XXuzvo6kbx7UOloZKONqEk5H3JrQA4NO"
		"fU8BmqFPrpGqwA1",
		"$y$j75$k2XAnEHBqQ1Ct2aMXFKNa/$E9XAySfP6N2THWdzNKesSVmhpcmhNusa8y5TMfT668.",
		("scrypt:1024:8:1$x$" SCRYPT_KEY),
		("pbkdf2:sha256:1$x$" PBKDF2_KEY),
	};

	(void)state;
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
		char hash[PASS_HASH_MAX];
		size_t length = (size_t)snprintf(hash, sizeof hash, "%s", hashes[i]);

		assert_int_not_equal(check(hash, HORSE), PASS_WRONG);
		for (size_t at = 0; at < length; at++) {
			char keep = hash[at];

			hash[at] = '\0';
			assert_int_equal(check(hash, HORSE), PASS_WRONG);
			hash[at] = (char)(keep ^ 1);
			/* the tens of a bcrypt cost would take long */
			if (!(i == 0 && at == 4) && check(hash, HORSE) != PASS_WRONG)
				fail_msg("match: %s", hash);
			hash[at] = keep;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bcrypt_known),
		cmocka_unit_test(crypt_known),
		cmocka_unit_test(werkzeug_known),
		cmocka_unit_test(A13_malformed_never_matches),
		cmocka_unit_test(A13_damaged_never_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
