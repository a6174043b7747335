/* SPDX-License-Identifier: ISC */
/* agent: what people are told of a User-Agent header. */
#include "agent.h"
#include "arena.h"

#define MOZILLA "Mozilla/5.0 "
#define CHROME  " AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "

static const struct {
	const char *agent, *name;
} rows[] = {
	{ MOZILLA "(X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"Firefox on Linux" },
	{ MOZILLA "(Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
		"Firefox on Android" },
	{ MOZILLA "(iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
		  "Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
		"Firefox on iPhone" },
	{ MOZILLA "(Windows NT 10.0; Win64; x64)" CHROME "Safari/537.36", "Chrome on Windows" },
	{ MOZILLA "(X11; CrOS x86_64 14541.0.0)" CHROME "Safari/537.36", "Chrome on ChromeOS" },
	{ MOZILLA "(Linux; Android 10; K)" CHROME "Mobile Safari/537.36", "Chrome on Android" },
	{ MOZILLA "(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
		  "HeadlessChrome/131.0.0.0 Safari/537.36",
		"Chrome on Linux" },
	{ MOZILLA "(Windows NT 10.0; Win64; x64)" CHROME "Safari/537.36 Edg/131.0.0.0",
		"Edge on Windows" },
	{ MOZILLA "(Macintosh; Intel Mac OS X 10_15_7)" CHROME "Safari/537.36 OPR/115.0.0.0",
		"Opera on Mac" },
	{ MOZILLA "(Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) "
		  "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
		"Samsung Internet on Android" },
	{ MOZILLA "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
		  "Version/17.6 Safari/605.1.15",
		"Safari on Mac" },
	{ MOZILLA "(iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
		  "Version/17.6 Mobile/15E148 Safari/604.1",
		"Safari on iPad" },
	{ "w3m/0.5.3+git20230121", "w3m" },
	{ "curl/7.88.1", "curl" },
	{ "python-requests/2.28.1", "Python" },
	{ "postern", "Postern tool" },
	{ "", "Unknown device" },
	{ "Linux", "Unknown device" },
	{ "<script>alert(1)</script>", "Unknown device" },
	{ "curl", "Unknown device" },
};

static void
names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(agent_name(m, rows[i].agent), rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names) };

	return cmocka_run_group_tests(tests, up, down);
}
