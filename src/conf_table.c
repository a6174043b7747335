/* SPDX-License-Identifier: ISC */
/* conf_table: every setting, a row each: its name, type, default, bounds and a line of help. */
#include "conf_table.h"

#include "conf.h"

#include <stddef.h>
#include <string.h>

const struct setting settings[] = {
#define AT(member) offsetof(struct conf, member)
	{ "site.name", TEXT_, PLAIN, AT(site_name), "Postern", 0, 0, "the site's name" },
	{ "site.urls", ORIGINS, PLAIN, AT(site_urls), "http://127.0.0.1:8080", 1, 0,
		"its addresses, the public one first; also the issuer of its tokens" },
	{ "site.tagline", TEXT_, PLAIN, AT(site_tagline), "", 0, 0, "a line under the name" },
	{ "site.logo", TEXT_, PLAIN, AT(site_logo), "/static/logo.svg", 0, 0,
		"the picture beside the name: a path of this site, or an https address" },
	{ "site.accent", COLOUR, PLAIN, AT(site_accent), "#2f6f5e", 0, 0,
		"colour of buttons and links, #rrggbb" },
	{ "site.footer", TEXT_, PLAIN, AT(site_footer), "", 0, 0,
		"links below each page: a text and its address, the next one after a comma" },
	{ "site.contact", TEXT_, PLAIN, AT(site_contact), "", 0, 0,
		"mail or https address of those who run the site" },
	{ "site.templates", FILE_, PLAIN, AT(site_templates), "", 0, 0,
		"your own folder of pages, widgets, mails and static files, looked at first" },
	{ "site.registration", WORDS, PLAIN, AT(site_registration), "open", 1, 1,
		"who may sign up: open, confirm (the address), approve (by an admin), invite, closed" },
	{ "site.mail_domains", NAMES, PLAIN, AT(site_mail_domains), "", 0, 0,
		"domains of new members' addresses; empty: any" },
	{ "site.publish", PUBLISHERS, PLAIN, AT(site_publish), "member", 0, 0,
		"who may write articles: member, admin or group:NAME" },
	{ "features.api", SWITCH, PLAIN, AT(features[FEATURE_API]), "on", 0, 0,
		"all under /api but /api/health" },
	{ "features.articles", SWITCH, PLAIN, AT(features[FEATURE_ARTICLES]), "on", 0, 0,
		"articles, feeds, tags" },
	{ "features.comments", SWITCH, PLAIN, AT(features[FEATURE_COMMENTS]), "on", 0, 0,
		"comments on articles" },
	{ "features.follow", SWITCH, PLAIN, AT(features[FEATURE_FOLLOW]), "on", 0, 0,
		"following people" },
	{ "features.files", SWITCH, PLAIN, AT(features[FEATURE_FILES]), "on", 0, 0,
		"files of members" },
	{ "cors.origins", ORIGINS, PLAIN, AT(cors_origins), "", 0, 0,
		"sites whose pages may use the API; *: any, without credentials; empty: none" },
	{ "cors.methods", WORDS, PLAIN, AT(cors_methods), "GET HEAD POST PUT PATCH DELETE", 1, 7,
		"methods they may use" },
	{ "cors.headers", NAMES, PLAIN, AT(cors_headers), "Authorization Content-Type", 0, 0,
		"headers they may send" },
	{ "cors.exposed", NAMES, PLAIN, AT(cors_exposed), "", 0, 0,
		"headers of answers they may read" },
	{ "cors.credentials", SWITCH, PLAIN, AT(cors_credentials), "off", 0, 0,
		"whether they may send what the browser keeps" },
	{ "cors.max_age", DURATION, PLAIN, AT(cors_max_age), "10m", 0, 86400,
		"how long a browser remembers that; 0: nothing said" },
	{ "gate.sites", ORIGINS, PLAIN, AT(gate_sites), "", 0, 1,
		"other sites behind the gate, where a login may lead back to" },
	{ "session.idle", DURATION, PLAIN, AT(session_idle), "12h", 60, 366L * 86400,
		"a login in a browser ends when it was not used for so long" },
	{ "session.days", DAYS, PLAIN, AT(session_life), "7", 1, 366,
		"days until it ends in any case" },
	{ "session.remember_days", DAYS, PLAIN, AT(session_remember), "30", 1, 366,
		"days of a login with \"remember me\", used or not" },
	{ "session.cookie_domain", DOMAIN_, PLAIN, AT(cookie_domain), "", 0, 0,
		"domain whose sub-domains share the login; empty: this host alone" },
	{ "database.socket", FILE_, PLAIN, AT(database_socket), "", 0, 0,
		"unix socket of MariaDB; empty: use host and port" },
	{ "database.host", TEXT_, PLAIN, AT(database_host), "127.0.0.1", 0, 0,
		"its host, without a socket" },
	{ "database.port", INT_, PLAIN, AT(database_port), "3306", 1, 65535,
		"its port, without a socket" },
	{ "database.name", TEXT_, PLAIN, AT(database_name), "postern", 0, 0, "the database" },
	{ "database.user", TEXT_, PLAIN, AT(database_user), "postern", 0, 0,
		"the account of this class" },
	{ "database.password", TEXT_, SECRET, AT(database_password), "", 0, 0,
		"its password; empty with unix_socket authentication" },
	{ "token.keys", FILE_, PLAIN, AT(token_keys), "keys/private.json", 0, 0,
		"private keys as a JWK set; the class credentials alone may read the file" },
	{ "token.public_keys", FILE_, PLAIN, AT(token_public_keys), "keys/public.json", 0, 0,
		"their public halves" },
	{ "token.refresh_key", FILE_, PLAIN, AT(token_refresh_key), "keys/refresh.key", 0, 0,
		"secret behind all refresh tokens; the class credentials alone may read the file" },
	{ "token.access", DURATION, PLAIN, AT(token_access), "15m", 60, 86400,
		"life of an access token" },
	{ "token.refresh_days", DAYS, PLAIN, AT(token_refresh), "30", 1, 366,
		"days that a refresh token lives; each use makes a new one" },
	{ "token.user_days", DAYS, PLAIN, AT(token_user), "7", 1, 366,
		"days that the token in user objects lives; its session is looked up at each use" },
	{ "token.audience", TEXT_, PLAIN, AT(token_audience), "", 0, 0,
		"the claim aud of tokens, written and asked for; empty: none" },
	{ "token.locations", WORDS, PLAIN, AT(token_locations), "header", 1, 3,
		"where a token may stand beside the Authorization header: ?token=, a form's field" },
	{ "token.revocation", WORDS, PLAIN, AT(token_revocation), "normal", 1, 1,
		"strict: also a short token that only reads is looked up" },
	{ "token.leeway", DURATION, PLAIN, AT(token_leeway), "0", 0, 5,
		"clock difference that is forgiven" },
	{ "token.memory", INT_, PLAIN, AT(token_memory), "32768", 0, 1 << 20,
		"verified tokens that a process remembers; 0: none" },
	{ "password.cost", INT_, PLAIN, AT(password_cost), "12", 10, 15,
		"bcrypt cost (log2 of the rounds)" },
	{ "password.locks", FILE_, PLAIN, AT(password_locks), "", 0, 0,
		"folder of the files that bound parallel hashing; empty: no bound" },
	{ "password.wait", DURATION, PLAIN, AT(password_wait), "10", 0, 60,
		"how long a request waits for its turn to hash" },
	{ "limits.body", INT_, PLAIN, AT(limits_body), "1048576", 1024, 64L << 20,
		"bytes of a request body; the web server's limit should be the same" },
	{ "limits.account", RATE, PLAIN, AT(limits_account), "30/30m", 0, 0,
		"wrong passwords for one account: so many at once, and as many again in that time; "
		"where its member has logged in before, this does not count" },
	{ "limits.address", RATE, PLAIN, AT(limits_address), "100/10m", 0, 0,
		"wrong passwords from one address, or a /64 of IPv6" },
	{ "limits.pair", RATE, PLAIN, AT(limits_pair), "10/10m", 0, 0,
		"wrong passwords for one account from one address" },
	{ "limits.register", RATE, PLAIN, AT(limits_register), "300/10m", 0, 0,
		"registrations from one address" },
	{ "limits.refresh", RATE, PLAIN, AT(limits_refresh), "150/5m", 0, 0,
		"new tokens for a session, and from one address" },
	{ "limits.forgot", RATE, PLAIN, AT(limits_forgot), "10/1h", 0, 0,
		"mails for a new password, to an address and from one" },
	{ "tidy.sessions", DAYS, PLAIN, AT(tidy_sessions), "30", 1, 3660,
		"days that a login is kept after its end; its address counts as known so long" },
	{ "tidy.events", DAYS, PLAIN, AT(tidy_events), "365", 1, 3660,
		"days that the security history is kept" },
	{ "test.cost", INT_, TESTING, AT(test_cost), "0", 4, 15, "bcrypt cost in tests" },
#undef AT
	{ 0 },
};

_Static_assert(
	sizeof settings / sizeof settings[0] <= SETTINGS_MAX, "conf.c notes which were seen");

const char *
setting_words(const struct setting *s)
{
	static const struct {
		const char *name, *words;
	} rows[] = {
		{ "token.locations", "header query form" },
		{ "token.revocation", "normal strict" },
		{ "site.registration", "open confirm approve invite closed" },
		{ "cors.methods", "GET HEAD POST PUT PATCH DELETE OPTIONS" },
		{ NULL, "" },
	};
	size_t i = 0;

	while (rows[i].name != NULL && strcmp(rows[i].name, s->name) != 0)
		i++;
	return rows[i].words;
}
