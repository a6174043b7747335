/* SPDX-License-Identifier: ISC */
/* text_network: addresses of one subscriber are one, those of two never. */
#include "text.h"

#include "child.h"

static void
assert_all(const char *const rows[][2], size_t count)
{
	char made[TEXT_NETWORK_SIZE];

	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(text_network(made, rows[i][0]), made);
		assert_string_equal(made, rows[i][1]);
	}
}

static void
ipv4_is_whole(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:0201", "192.0.2.1" },
		{ "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1" },
	};

	(void)state;
	assert_all(rows, COUNT(rows));
}

static void
ipv6_is_its_64_bits(void **state)
{
	static const char *const rows[][2] = {
		{ "2001:db8:1:2::", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64" },
		{ "2001:DB8:1:2::1", "2001:db8:1:2::/64" },
		{ "2001:0db8:0001:0002:0:0:0:1", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::1", "2001:db8:1:3::/64" },
		{ "::1", "::/64" },
		{ "::192.0.2.1", "::/64" },
		{ "::fffe:192.0.2.1", "::/64" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::/64" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64" },
	};

	(void)state;
	assert_all(rows, COUNT(rows));
}

static void
anything_else_is_itself(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "unix:", "unix:" },
		{ "localhost", "localhost" },
		{ "192.0.2", "192.0.2" },
		{ "192.0.2.01", "192.0.2.01" },
		{ "192.0.2.1, 198.51.100.1", "192.0.2.1, 198.51.100.1" },
		{ "[::1]", "[::1]" },
		{ "fe80::1%eth0", "fe80::1%eth0" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789",
			"012345678901234567890123456789012345678901234567890123456789012" },
	};

	(void)state;
	assert_all(rows, COUNT(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_whole),
		cmocka_unit_test(ipv6_is_its_64_bits),
		cmocka_unit_test(anything_else_is_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
