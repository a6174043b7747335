/* SPDX-License-Identifier: ISC */
/* conf_table: every setting, a row each: its name, type, default, bounds and a line of help. */
#include "conf_table.h"

#include "conf.h"

#include <stddef.h>
#include <string.h>

/* One text of three, for a pointer to each would be a kilobyte more. The help is in the tool alone:
 * in every program it would be 5 KB that nobody reads. */
#ifdef HELP
#define SAYS(name, value, help) name "\0" value "\0" help
#else
#define SAYS(name, value, help) name "\0" value "\0"
#endif

const struct setting settings[] = {
#define AT(member) offsetof(struct conf, member)
	{ SAYS("site.name", "Postern", "the site's name"), TEXT_, PLAIN, AT(site_name), 0, 0 },
	{ SAYS("site.urls", "http://127.0.0.1:8080",
		  "its addresses, the public one first; also the issuer of its tokens"),
		ORIGINS, PLAIN, AT(site_urls), 1, 0 },
	{ SAYS("site.tagline", "", "a line under the name"), TEXT_, PLAIN, AT(site_tagline), 0, 0 },
	{ SAYS("site.logo", "/static/logo.svg",
		  "the picture beside the name: a path of this site, or an https address"),
		TEXT_, PLAIN, AT(site_logo), 0, 0 },
	{ SAYS("site.accent", "#2f6f5e", "colour of buttons and links, #rrggbb"), COLOUR, PLAIN,
		AT(site_accent), 0, 0 },
	{ SAYS("site.footer", "",
		  "links below each page: a text and its address, the next one after a comma"),
		TEXT_, PLAIN, AT(site_footer), 0, 0 },
	{ SAYS("site.contact", "", "mail or https address of those who run the site"), TEXT_, PLAIN,
		AT(site_contact), 0, 0 },
	{ SAYS("site.templates", "",
		  "your own folder of pages, widgets, mails and static files, looked at first"),
		FILE_, PLAIN, AT(site_templates), 0, 0 },
	{ SAYS("site.registration", "open",
		  "who may sign up: open, confirm (the address), approve (by an admin), invite, closed"),
		WORDS, PLAIN, AT(site_registration), 1, 1 },
	{ SAYS("site.confirm", "off",
		  "an address that nobody has confirmed: off, it counts; ask, a new member may "
		  "log in, a changed address does not count yet; require, neither"),
		WORDS, PLAIN, AT(site_confirm), 1, 1 },
	{ SAYS("site.mail_domains", "", "domains of new members' addresses; empty: any"), NAMES,
		PLAIN, AT(site_mail_domains), 0, 0 },
	{ SAYS("site.publish", "member", "who may write articles: member, admin or group:NAME"),
		PUBLISHERS, PLAIN, AT(site_publish), 0, 0 },
	{ SAYS("site.external_images", "on",
		  "whether texts show pictures of other sites; off: links instead, and postern rerender "
		  "changes those that are there"),
		SWITCH, PLAIN, AT(site_external_images), 0, 0 },
	{ SAYS("site.time_zone", "UTC", "the zone of the dates on pages, such as Europe/Berlin"),
		TEXT_, PLAIN, AT(site_time_zone), 0, 0 },
	{ SAYS("features.api", "on", "all under /api but /api/health"), SWITCH, PLAIN,
		AT(features[FEATURE_API]), 0, 0 },
	{ SAYS("features.articles", "on", "articles, feeds, tags"), SWITCH, PLAIN,
		AT(features[FEATURE_ARTICLES]), 0, 0 },
	{ SAYS("features.comments", "on", "comments on articles"), SWITCH, PLAIN,
		AT(features[FEATURE_COMMENTS]), 0, 0 },
	{ SAYS("features.follow", "on", "following people"), SWITCH, PLAIN,
		AT(features[FEATURE_FOLLOW]), 0, 0 },
	{ SAYS("features.files", "on", "files of members"), SWITCH, PLAIN,
		AT(features[FEATURE_FILES]), 0, 0 },
	{ SAYS("cors.origins", "",
		  "sites whose pages may use the API; *: any, without credentials; empty: none"),
		ORIGINS, PLAIN, AT(cors_origins), 0, 0 },
	{ SAYS("cors.methods", "GET HEAD POST PUT PATCH DELETE", "methods they may use"), WORDS,
		PLAIN, AT(cors_methods), 1, 7 },
	{ SAYS("cors.headers", "Authorization Content-Type", "headers they may send"), NAMES, PLAIN,
		AT(cors_headers), 0, 0 },
	{ SAYS("cors.exposed", "", "headers of answers they may read"), NAMES, PLAIN,
		AT(cors_exposed), 0, 0 },
	{ SAYS("cors.credentials", "off", "whether they may send what the browser keeps"), SWITCH,
		PLAIN, AT(cors_credentials), 0, 0 },
	{ SAYS("cors.max_age", "10m", "how long a browser remembers that; 0: nothing said"),
		DURATION, PLAIN, AT(cors_max_age), 0, 86400 },
	{ SAYS("gate.sites", "", "other sites behind the gate, where a login may lead back to"),
		ORIGINS, PLAIN, AT(gate_sites), 0, 1 },
	{ SAYS("session.idle", "12h", "a login in a browser ends when it was not used for so long"),
		DURATION, PLAIN, AT(session_idle), 60, 366L * 86400 },
	{ SAYS("session.days", "7", "days until it ends in any case"), DAYS, PLAIN,
		AT(session_life), 1, 366 },
	{ SAYS("session.remember_days", "30", "days of a login with \"remember me\", used or not"),
		DAYS, PLAIN, AT(session_remember), 1, 366 },
	{ SAYS("session.cookie_domain", "",
		  "domain whose sub-domains share the login; empty: this host alone"),
		DOMAIN_, PLAIN, AT(cookie_domain), 0, 0 },
	{ SAYS("database.socket", "", "unix socket of MariaDB; empty: use host and port"), FILE_,
		PLAIN, AT(database_socket), 0, 0 },
	{ SAYS("database.host", "127.0.0.1", "its host, without a socket"), TEXT_, PLAIN,
		AT(database_host), 0, 0 },
	{ SAYS("database.port", "3306", "its port, without a socket"), INT_, PLAIN,
		AT(database_port), 1, 65535 },
	{ SAYS("database.name", "postern", "the database"), TEXT_, PLAIN, AT(database_name), 0, 0 },
	{ SAYS("database.user", "postern", "the account of this class"), TEXT_, PLAIN,
		AT(database_user), 0, 0 },
	{ SAYS("database.password", "", "its password; empty with unix_socket authentication"),
		TEXT_, SECRET, AT(database_password), 0, 0 },
	{ SAYS("token.keys", "keys/private.json",
		  "private keys as a JWK set; the class credentials alone may read the file"),
		FILE_, PLAIN, AT(token_keys), 0, 0 },
	{ SAYS("token.public_keys", "keys/public.json", "their public halves"), FILE_, PLAIN,
		AT(token_public_keys), 0, 0 },
	{ SAYS("token.refresh_key", "keys/refresh.key",
		  "secret behind all refresh tokens; the class credentials alone may read the file"),
		FILE_, PLAIN, AT(token_refresh_key), 0, 0 },
	{ SAYS("token.access", "15m", "life of an access token"), DURATION, PLAIN, AT(token_access),
		60, 86400 },
	{ SAYS("token.refresh_days", "30",
		  "days that a refresh token lives; each use makes a new one"),
		DAYS, PLAIN, AT(token_refresh), 1, 366 },
	{ SAYS("token.user_days", "7",
		  "days that the token in user objects lives; its session is looked up at each use"),
		DAYS, PLAIN, AT(token_user), 1, 366 },
	{ SAYS("token.audience", "", "the claim aud of tokens, written and asked for; empty: none"),
		TEXT_, PLAIN, AT(token_audience), 0, 0 },
	{ SAYS("token.locations", "header",
		  "where a token may stand beside the Authorization header: ?token=, a form's field"),
		WORDS, PLAIN, AT(token_locations), 1, 3 },
	{ SAYS("token.revocation", "normal",
		  "strict: also a short token that only reads is looked up"),
		WORDS, PLAIN, AT(token_revocation), 1, 1 },
	{ SAYS("token.leeway", "0", "clock difference that is forgiven"), DURATION, PLAIN,
		AT(token_leeway), 0, 5 },
	{ SAYS("token.memory", "32768", "verified tokens that a process remembers; 0: none"), INT_,
		PLAIN, AT(token_memory), 0, 1 << 20 },
	{ SAYS("token.share_key", "keys/share.json",
		  "secret behind links to files; the program files alone may read the file"),
		FILE_, PLAIN, AT(token_share_key), 0, 0 },
	{ SAYS("password.cost", "12", "bcrypt cost (log2 of the rounds)"), INT_, PLAIN,
		AT(password_cost), 10, 15 },
	{ SAYS("password.locks", "",
		  "folder of the files that bound parallel hashing; empty: no bound"),
		FILE_, PLAIN, AT(password_locks), 0, 0 },
	{ SAYS("password.wait", "10", "how long a request waits for its turn to hash"), DURATION,
		PLAIN, AT(password_wait), 0, 60 },
	{ SAYS("limits.body", "1048576",
		  "bytes of a request body; the web server's limit should be the same"),
		INT_, PLAIN, AT(limits_body), 1024, 64L << 20 },
	{ SAYS("limits.picture", "5242880", "bytes of a profile picture as it is sent"), INT_,
		PLAIN, AT(limits_picture), 1024, 64L << 20 },
	{ SAYS("limits.file", "1073741824",
		  "bytes of a file that a member stores; nginx is told, too"),
		INT_, PLAIN, AT(limits_file), 1024, 0 },
	{ SAYS("limits.files", "5368709120", "bytes of all files of a member"), INT_, PLAIN,
		AT(limits_files), 1024, 0 },
	{ SAYS("limits.account", "30/30m",
		  "wrong passwords for one account: so many at once, and as many again in that time; "
		  "where its member has logged in before, this does not count"),
		RATE, PLAIN, AT(limits_account), 0, 0 },
	{ SAYS("limits.address", "100/10m", "wrong passwords from one address, or a /64 of IPv6"),
		RATE, PLAIN, AT(limits_address), 0, 0 },
	{ SAYS("limits.pair", "10/10m", "wrong passwords for one account from one address"), RATE,
		PLAIN, AT(limits_pair), 0, 0 },
	{ SAYS("limits.register", "300/10m", "registrations from one address"), RATE, PLAIN,
		AT(limits_register), 0, 0 },
	{ SAYS("limits.refresh", "150/5m", "new tokens for a session, and from one address"), RATE,
		PLAIN, AT(limits_refresh), 0, 0 },
	{ SAYS("limits.forgot", "10/1h",
		  "mails that strangers can cause: to an address, and from one"),
		RATE, PLAIN, AT(limits_forgot), 0, 0 },
	{ SAYS("mail.transport", "file",
		  "where mails go: file (into mail.folder), smtp (to mail.server), sendmail"),
		WORDS, PLAIN, AT(mail_transport), 1, 1 },
	{ SAYS("mail.from", "",
		  "who writes: Name <name@example.org>; empty: noreply at the host of site.urls"),
		TEXT_, PLAIN, AT(mail_from), 0, 0 },
	{ SAYS("mail.reply_to", "", "who gets the replies; empty: who writes"), TEXT_, PLAIN,
		AT(mail_reply_to), 0, 0 },
	{ SAYS("mail.folder", "mail", "where the transport file puts them"), FILE_, PLAIN,
		AT(mail_folder), 0, 0 },
	{ SAYS("mail.server", "smtp://localhost:587",
		  "smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the start on"),
		TEXT_, PLAIN, AT(mail_server), 0, 0 },
	{ SAYS("mail.starttls", "require", "TLS for smtp:// by STARTTLS: require, try, off"), WORDS,
		PLAIN, AT(mail_starttls), 1, 1 },
	{ SAYS("mail.user", "", "name at the mail server, or empty"), TEXT_, PLAIN, AT(mail_user),
		0, 0 },
	{ SAYS("mail.password", "", "its password"), TEXT_, SECRET, AT(mail_password), 0, 0 },
	{ SAYS("mail.ca", "",
		  "certificates that the server's may be signed by; empty: the system's"),
		FILE_, PLAIN, AT(mail_ca), 0, 0 },
	{ SAYS("mail.sendmail", "/usr/sbin/sendmail", "the program of the transport sendmail"),
		FILE_, PLAIN, AT(mail_sendmail), 0, 0 },
	{ SAYS("mail.connect", "10", "how long connecting to the server may take"), DURATION, PLAIN,
		AT(mail_connect), 1, 300 },
	{ SAYS("mail.timeout", "1m", "how long all of one mail may take"), DURATION, PLAIN,
		AT(mail_timeout), 1, 3600 },
	{ SAYS("mail.give_up", "2d", "how long a mail is tried again"), DURATION, PLAIN,
		AT(mail_give_up), 0, 30 * 86400 },
	{ SAYS("mail.key", "",
		  "secret behind the links in mails: 32 characters or more, whatever they are"),
		TEXT_, SECRET, AT(mail_key), 0, 0 },
	{ SAYS("tidy.mails", "7", "days that a mail is kept after it was sent, or failed"), DAYS,
		PLAIN, AT(tidy_mails), 3, 3660 },
	{ SAYS("tidy.sessions", "30",
		  "days that a login is kept after its end; its address counts as known so long"),
		DAYS, PLAIN, AT(tidy_sessions), 1, 3660 },
	{ SAYS("tidy.events", "365", "days that the security history is kept"), DAYS, PLAIN,
		AT(tidy_events), 1, 3660 },
	{ SAYS("tidy.unconfirmed", "7",
		  "days that a new account, or a changed address, waits for its confirmation"),
		DAYS, PLAIN, AT(tidy_unconfirmed), 1, 3660 },
	{ SAYS("tidy.uploads", "1h",
		  "how long nothing more came of a file until what there is of it goes"),
		DURATION, PLAIN, AT(tidy_uploads), 60, 86400 },
	{ SAYS("metrics.folder", "",
		  "where programs count what they do, a folder below it for each class; empty: nowhere"),
		FILE_, PLAIN, AT(metrics_folder), 0, 0 },
	{ SAYS("metrics.key", "",
		  "bearer token for /metrics, in content.conf; empty: nobody sees it"),
		TEXT_, SECRET, AT(metrics_key), 0, 0 },
	{ SAYS("test.cost", "0", "bcrypt cost in tests"), INT_, TESTING, AT(test_cost), 4, 15 },
#undef AT
	{ 0 },
};

_Static_assert(
	sizeof settings / sizeof settings[0] <= SETTINGS_MAX, "conf.c notes which were seen");

const char *
setting_value(const struct setting *s)
{
	return s->name + strlen(s->name) + 1;
}

const char *
setting_help(const struct setting *s)
{
	return setting_value(s) + strlen(setting_value(s)) + 1;
}

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
