/* SPDX-License-Identifier: ISC */
/* view_text: what pages say to people: error pages, flash messages, errors of a whole form. */
#include "view_parts.h"

#include <string.h>

static const struct {
	int status;
	enum err err; /* ERR_NONE: all other errors of this status */
	const char *title, *text;
} errors[] = {
	{ 401, ERR_NONE, "This link has ended", "Ask whoever gave it to you for a new one." },
	{ 403, ERR_CLOSED, "No new members", "This site takes no new members." },
	{ 403, ERR_INVITATION, "By invitation",
		"To sign up here you need an invitation. Each works once, and for some days: open the "
		"link in yours, or ask for a new one." },
	{ 422, ERR_ONE_TIME, "This link has ended",
		"It has been used, or is too old, or a newer one was sent since. Ask for a new one where "
		"you sign in." },
	{ 400, ERR_NONE, "That request was broken",
		"It could not be understood. Go back and try once more; if it happens again, tell us." },
	{ 403, ERR_NONE, "Not allowed",
		"You may not do this. If it was a form, it may have come from another site." },
	{ 404, ERR_NONE, "Nothing here",
		"There is no page at this address. It may have moved, or there is a slip in the address." },
	{ 405, ERR_NONE, "Not like this",
		"This address cannot be asked for in this way. Start from the home page." },
	{ 412, ERR_NONE, "Changed meanwhile",
		"Nothing was saved, for this was changed after you had opened it." },
	{ 413, ERR_NONE, "Too large",
		"What you sent is larger than this site takes. Send something smaller." },
	{ 415, ERR_NONE, "Not a form", "What you sent is neither a form nor JSON." },
	{ 416, ERR_NONE, "Past its end",
		"The file is shorter than the part you asked for. Download it from its start." },
	{ 422, ERR_NONE, "Not quite right",
		"Something in what you sent is not as it should be. Go back and mend it." },
	{ 429, ERR_NONE, "Too many requests", "Please wait a moment, then try again." },
	{ 431, ERR_NONE, "Too much in the headers",
		"Your browser sent more than this site takes. Removing this site's cookies may help." },
	{ 500, ERR_NONE, "Something broke",
		"It is our fault, and it has been noted. Please try again later." },
	{ 503, ERR_NONE, "Back in a moment",
		"The site cannot answer just now. Nothing is lost; please try again in a moment." },
};

const char *
view_title(int status, enum err e, const char **text)
{
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (errors[i].status == status &&
			(errors[i].err == e || errors[i].err == ERR_NONE)) {
			*text = errors[i].text;
			return errors[i].title;
		}
	*text = "Please try again later.";
	return "That did not work";
}

const char *
view_sentence(enum err e)
{
	switch (e) {
	case ERR_CREDENTIALS:
		return "This name or address and this password do not belong together. Try again, "
		       "or choose a new password.";
	case ERR_LAST_ADMIN:
		return "This is the last admin who can sign in, so nothing was changed. Make somebody "
		       "else an admin first.";
	case ERR_ADDRESS_TAKEN:
		return "Somebody else has an account with this address by now, so yours keeps the one "
		       "it has.";
	case ERR_CHANGED:
		return "This was changed after you had opened it, so nothing was saved. What it says now "
		       "stands below. Send yours once more to put it in its place.";
	case ERR_CSRF:
		return "This form had expired, so nothing was changed. Here it is again: please send it "
		       "once more.";
	case ERR_ORIGIN:
		return "That form did not come from a page of this site, so nothing was changed.";
	case ERR_CLOSED: return "This site takes no new members.";
	case ERR_INVITATION:
		return "To sign up here you need an invitation: it may have been used, be too old, or be "
		       "for another address.";
	case ERR_WAITS_APPROVAL:
		return "Your account waits for an admin to look at it. Please try again later.";
	case ERR_WAITS_ADDRESS:
		return "Your address is not confirmed yet: open the link that was sent to it.";
	case ERR_BODY_LARGE:
		return "What you sent is too large, so nothing was changed. Choose something smaller.";
	case ERR_FILES_FULL: return "Too little space is left for this file. Delete others first.";
	case ERR_ONE_TIME:
		return "This link has been used, or is too old, or your address has changed since.";
	case ERR_BUSY:
	case ERR_AWAY:
		return "The site was too busy, so nothing was changed. Please send the form again in a "
		       "moment.";
	case ERR_RATE:
		return "There were too many tries, so this one was not looked at. Please wait some "
		       "minutes before the next.";
	default: return NULL;
	}
}

static const struct {
	const char *key, *text;
} flashes[] = {
	{ "info.sign-in", "Please sign in to see that page." },
	{ "info.signed-out", "You are signed out." },
	{ "info.approval", "Thank you. An admin will look at your account; then you can sign in." },
	{ "info.confirm",
		"Thank you. One step is left: open the link that is sent to your address." },
	{ "success.article-removed", "The article is removed." },
	{ "success.article-saved", "Your changes are saved." },
	{ "success.comment-removed", "The comment is removed." },
	{ "success.published", "Your article is published." },
	{ "success.member-locked", "The account is locked, and signed out everywhere." },
	{ "info.address",
		"Saved. Your new address counts as soon as you open the link that is sent to it." },
	{ "info.forgot",
		"If there is an account with this address, a link for a new password is on its way. If "
		"no mail comes within some minutes, look among the spam." },
	{ "info.resent",
		"If this address waits to be confirmed, a mail is on its way. If none comes within some "
		"minutes, look among the spam." },
	{ "success.confirmed", "Thank you, your address is confirmed." },
	{ "success.token-ended", "The token is ended." },
	{ "success.invited", "The invitation is on its way." },
	{ "success.reset", "Your new password is set. All devices are signed out: sign in here." },
	{ "success.file-stored", "Your file is stored." },
	{ "success.file-removed", "The file is removed." },
	{ "success.links-ended", "All links to this file are ended." },
	{ "success.mail-again", "The mail goes out again at once." },
	{ "success.mail-dropped", "The mail is forgotten." },
	{ "success.member-removed", "The account is removed." },
	{ "success.member-saved", "The member is saved." },
	{ "success.member-signed-out", "The member is signed out everywhere." },
	{ "success.registered", "Welcome! Your account is ready." },
	{ "success.saved", "Your settings are saved." },
	{ "success.picture", "Your picture is saved." },
	{ "success.picture-removed", "Your picture is removed." },
	{ "success.device-ended", "That device is signed out." },
	{ "success.devices-ended", "All other devices are signed out." },
	{ "success.removed", "Your account is removed." },
};

const char *
view_flash(struct mem *m, const char *key, const char **category)
{
	for (size_t i = 0; i < sizeof flashes / sizeof flashes[0]; i++)
		if (strcmp(flashes[i].key, key) == 0) {
			*category = mem_copy(m, key, strcspn(key, "."));
			return flashes[i].text;
		}
	return NULL;
}
