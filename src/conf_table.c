/* SPDX-License-Identifier: ISC */
/* conf_table: every setting, a row each: its name, type, default, bounds and a line of help. */
#include "conf_table.h"

#include "conf.h"

#include <stddef.h>
#include <string.h>

/* The tool alone says it: in every program it would be 4 KB that nobody reads. */
#ifndef HELP
#define HELP(text) NULL
#endif

const struct setting settings[] = {
#define AT(member) offsetof(struct conf, member)
	{ "site.name", TEXT_, PLAIN, AT(site_name), "Postern", 0, 0, HELP("the site's name") },
	{ "site.urls", ORIGINS, PLAIN, AT(site_urls), "http://127.0.0.1:8080", 1, 0,
		HELP("its addresses, the public one first; also the issuer of its tokens") },
	{ "site.tagline", TEXT_, PLAIN, AT(site_tagline), "", 0, 0, HELP("a line under the name") },
	{ "site.logo", TEXT_, PLAIN, AT(site_logo), "/static/logo.svg", 0, 0,
		HELP("the picture beside the name: a path of this site, or an https address") },
	{ "site.accent", COLOUR, PLAIN, AT(site_accent), "#2f6f5e", 0, 0,
		HELP("colour of buttons and links, #rrggbb") },
	{ "site.footer", TEXT_, PLAIN, AT(site_footer), "", 0, 0,
		HELP("links below each page: a text and its address, the next one after a comma") },
	{ "site.contact", TEXT_, PLAIN, AT(site_contact), "", 0, 0,
		HELP("mail or https address of those who run the site") },
	{ "site.templates", FILE_, PLAIN, AT(site_templates), "", 0, 0,
		HELP("your own folder of pages, widgets, mails and static files, looked at first") },
	{ "site.registration", WORDS, PLAIN, AT(site_registration), "open", 1, 1,
		HELP("who may sign up: open, confirm (the address), approve (by an admin), invite, closed") },
	{ "site.confirm", WORDS, PLAIN, AT(site_confirm), "off", 1, 1,
		HELP("an address that nobody has confirmed: off, it counts; ask, a new member may "
		     "log in, a changed address does not count yet; require, neither") },
	{ "site.mail_domains", NAMES, PLAIN, AT(site_mail_domains), "", 0, 0,
		HELP("domains of new members' addresses; empty: any") },
	{ "site.publish", PUBLISHERS, PLAIN, AT(site_publish), "member", 0, 0,
		HELP("who may write articles: member, admin or group:NAME") },
	{ "site.external_images", SWITCH, PLAIN, AT(site_external_images), "on", 0, 0,
		HELP("whether texts show pictures of other sites; off: links instead, and postern rerender "
		     "changes those that are there") },
	{ "features.api", SWITCH, PLAIN, AT(features[FEATURE_API]), "on", 0, 0,
		HELP("all under /api but /api/health") },
	{ "features.articles", SWITCH, PLAIN, AT(features[FEATURE_ARTICLES]), "on", 0, 0,
		HELP("articles, feeds, tags") },
	{ "features.comments", SWITCH, PLAIN, AT(features[FEATURE_COMMENTS]), "on", 0, 0,
		HELP("comments on articles") },
	{ "features.follow", SWITCH, PLAIN, AT(features[FEATURE_FOLLOW]), "on", 0, 0,
		HELP("following people") },
	{ "features.files", SWITCH, PLAIN, AT(features[FEATURE_FILES]), "on", 0, 0,
		HELP("files of members") },
	{ "cors.origins", ORIGINS, PLAIN, AT(cors_origins), "", 0, 0,
		HELP("sites whose pages may use the API; *: any, without credentials; empty: none") },
	{ "cors.methods", WORDS, PLAIN, AT(cors_methods), "GET HEAD POST PUT PATCH DELETE", 1, 7,
		HELP("methods they may use") },
	{ "cors.headers", NAMES, PLAIN, AT(cors_headers), "Authorization Content-Type", 0, 0,
		HELP("headers they may send") },
	{ "cors.exposed", NAMES, PLAIN, AT(cors_exposed), "", 0, 0,
		HELP("headers of answers they may read") },
	{ "cors.credentials", SWITCH, PLAIN, AT(cors_credentials), "off", 0, 0,
		HELP("whether they may send what the browser keeps") },
	{ "cors.max_age", DURATION, PLAIN, AT(cors_max_age), "10m", 0, 86400,
		HELP("how long a browser remembers that; 0: nothing said") },
	{ "gate.sites", ORIGINS, PLAIN, AT(gate_sites), "", 0, 1,
		HELP("other sites behind the gate, where a login may lead back to") },
	{ "session.idle", DURATION, PLAIN, AT(session_idle), "12h", 60, 366L * 86400,
		HELP("a login in a browser ends when it was not used for so long") },
	{ "session.days", DAYS, PLAIN, AT(session_life), "7", 1, 366,
		HELP("days until it ends in any case") },
	{ "session.remember_days", DAYS, PLAIN, AT(session_remember), "30", 1, 366,
		HELP("days of a login with \"remember me\", used or not") },
	{ "session.cookie_domain", DOMAIN_, PLAIN, AT(cookie_domain), "", 0, 0,
		HELP("domain whose sub-domains share the login; empty: this host alone") },
	{ "database.socket", FILE_, PLAIN, AT(database_socket), "", 0, 0,
		HELP("unix socket of MariaDB; empty: use host and port") },
	{ "database.host", TEXT_, PLAIN, AT(database_host), "127.0.0.1", 0, 0,
		HELP("its host, without a socket") },
	{ "database.port", INT_, PLAIN, AT(database_port), "3306", 1, 65535,
		HELP("its port, without a socket") },
	{ "database.name", TEXT_, PLAIN, AT(database_name), "postern", 0, 0, HELP("the database") },
	{ "database.user", TEXT_, PLAIN, AT(database_user), "postern", 0, 0,
		HELP("the account of this class") },
	{ "database.password", TEXT_, SECRET, AT(database_password), "", 0, 0,
		HELP("its password; empty with unix_socket authentication") },
	{ "token.keys", FILE_, PLAIN, AT(token_keys), "keys/private.json", 0, 0,
		HELP("private keys as a JWK set; the class credentials alone may read the file") },
	{ "token.public_keys", FILE_, PLAIN, AT(token_public_keys), "keys/public.json", 0, 0,
		HELP("their public halves") },
	{ "token.refresh_key", FILE_, PLAIN, AT(token_refresh_key), "keys/refresh.key", 0, 0,
		HELP("secret behind all refresh tokens; the class credentials alone may read the file") },
	{ "token.access", DURATION, PLAIN, AT(token_access), "15m", 60, 86400,
		HELP("life of an access token") },
	{ "token.refresh_days", DAYS, PLAIN, AT(token_refresh), "30", 1, 366,
		HELP("days that a refresh token lives; each use makes a new one") },
	{ "token.user_days", DAYS, PLAIN, AT(token_user), "7", 1, 366,
		HELP("days that the token in user objects lives; its session is looked up at each use") },
	{ "token.audience", TEXT_, PLAIN, AT(token_audience), "", 0, 0,
		HELP("the claim aud of tokens, written and asked for; empty: none") },
	{ "token.locations", WORDS, PLAIN, AT(token_locations), "header", 1, 3,
		HELP("where a token may stand beside the Authorization header: ?token=, a form's field") },
	{ "token.revocation", WORDS, PLAIN, AT(token_revocation), "normal", 1, 1,
		HELP("strict: also a short token that only reads is looked up") },
	{ "token.leeway", DURATION, PLAIN, AT(token_leeway), "0", 0, 5,
		HELP("clock difference that is forgiven") },
	{ "token.memory", INT_, PLAIN, AT(token_memory), "32768", 0, 1 << 20,
		HELP("verified tokens that a process remembers; 0: none") },
	{ "password.cost", INT_, PLAIN, AT(password_cost), "12", 10, 15,
		HELP("bcrypt cost (log2 of the rounds)") },
	{ "password.locks", FILE_, PLAIN, AT(password_locks), "", 0, 0,
		HELP("folder of the files that bound parallel hashing; empty: no bound") },
	{ "password.wait", DURATION, PLAIN, AT(password_wait), "10", 0, 60,
		HELP("how long a request waits for its turn to hash") },
	{ "limits.body", INT_, PLAIN, AT(limits_body), "1048576", 1024, 64L << 20,
		HELP("bytes of a request body; the web server's limit should be the same") },
	{ "limits.picture", INT_, PLAIN, AT(limits_picture), "5242880", 1024, 64L << 20,
		HELP("bytes of a profile picture as it is sent") },
	{ "limits.account", RATE, PLAIN, AT(limits_account), "30/30m", 0, 0,
		HELP("wrong passwords for one account: so many at once, and as many again in that time; "
		     "where its member has logged in before, this does not count") },
	{ "limits.address", RATE, PLAIN, AT(limits_address), "100/10m", 0, 0,
		HELP("wrong passwords from one address, or a /64 of IPv6") },
	{ "limits.pair", RATE, PLAIN, AT(limits_pair), "10/10m", 0, 0,
		HELP("wrong passwords for one account from one address") },
	{ "limits.register", RATE, PLAIN, AT(limits_register), "300/10m", 0, 0,
		HELP("registrations from one address") },
	{ "limits.refresh", RATE, PLAIN, AT(limits_refresh), "150/5m", 0, 0,
		HELP("new tokens for a session, and from one address") },
	{ "limits.forgot", RATE, PLAIN, AT(limits_forgot), "10/1h", 0, 0,
		HELP("mails that strangers can cause: to an address, and from one") },
	{ "mail.transport", WORDS, PLAIN, AT(mail_transport), "file", 1, 1,
		HELP("where mails go: file (into mail.folder), smtp (to mail.server), sendmail") },
	{ "mail.from", TEXT_, PLAIN, AT(mail_from), "", 0, 0,
		HELP("who writes: Name <name@example.org>; empty: noreply at the host of site.urls") },
	{ "mail.reply_to", TEXT_, PLAIN, AT(mail_reply_to), "", 0, 0,
		HELP("who gets the replies; empty: who writes") },
	{ "mail.folder", FILE_, PLAIN, AT(mail_folder), "mail", 0, 0,
		HELP("where the transport file puts them") },
	{ "mail.server", TEXT_, PLAIN, AT(mail_server), "smtp://localhost:587", 0, 0,
		HELP("smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the start on") },
	{ "mail.starttls", WORDS, PLAIN, AT(mail_starttls), "require", 1, 1,
		HELP("TLS for smtp:// by STARTTLS: require, try, off") },
	{ "mail.user", TEXT_, PLAIN, AT(mail_user), "", 0, 0,
		HELP("name at the mail server, or empty") },
	{ "mail.password", TEXT_, SECRET, AT(mail_password), "", 0, 0, HELP("its password") },
	{ "mail.ca", FILE_, PLAIN, AT(mail_ca), "", 0, 0,
		HELP("certificates that the server's may be signed by; empty: the system's") },
	{ "mail.sendmail", FILE_, PLAIN, AT(mail_sendmail), "/usr/sbin/sendmail", 0, 0,
		HELP("the program of the transport sendmail") },
	{ "mail.connect", DURATION, PLAIN, AT(mail_connect), "10", 1, 300,
		HELP("how long connecting to the server may take") },
	{ "mail.timeout", DURATION, PLAIN, AT(mail_timeout), "1m", 1, 3600,
		HELP("how long all of one mail may take") },
	{ "mail.give_up", DURATION, PLAIN, AT(mail_give_up), "2d", 0, 30 * 86400,
		HELP("how long a mail is tried again") },
	{ "mail.key", TEXT_, SECRET, AT(mail_key), "", 0, 0,
		HELP("secret behind the links in mails: 32 characters or more, whatever they are") },
	{ "tidy.mails", DAYS, PLAIN, AT(tidy_mails), "7", 3, 3660,
		HELP("days that a mail is kept after it was sent, or failed") },
	{ "tidy.sessions", DAYS, PLAIN, AT(tidy_sessions), "30", 1, 3660,
		HELP("days that a login is kept after its end; its address counts as known so long") },
	{ "tidy.events", DAYS, PLAIN, AT(tidy_events), "365", 1, 3660,
		HELP("days that the security history is kept") },
	{ "tidy.unconfirmed", DAYS, PLAIN, AT(tidy_unconfirmed), "7", 1, 3660,
		HELP("days that a new account, or a changed address, waits for its confirmation") },
	{ "test.cost", INT_, TESTING, AT(test_cost), "0", 4, 15, HELP("bcrypt cost in tests") },
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
		{ "mail.transport", "file smtp sendmail" },
		{ "mail.starttls", "require try off" },
		{ "site.confirm", "off ask require" },
		{ "cors.methods", "GET HEAD POST PUT PATCH DELETE OPTIONS" },
		{ NULL, "" },
	};
	size_t i = 0;

	while (rows[i].name != NULL && strcmp(rows[i].name, s->name) != 0)
		i++;
	return rows[i].words;
}
