# SPDX-License-Identifier: ISC
"""Links of mails as their readers have them, and what is done with them."""
from mails import link_of, text_of, to

PATHS = {"reset": "/password/reset?token=", "confirm": "/email/verify?token=", "invite": "/register?invite="}
SENT = {"mail": "is on its way if there is such an account"}
ENDED = {"token": ["is invalid, used or too old"]}


def token_of(site, mail, kind):
    address, _, token = link_of(mail).partition("=")
    assert f"{address}=" == site.url + PATHS[kind] and len(token) == 43
    return token


def words_of(mail):
    """What it says, whatever its lines."""
    return " ".join(text_of(mail).split())


def mailed(site, address, kind):
    """The token of the one mail of a kind that has come to this address since the last look."""
    (mail,) = [m for m in to(site.mails(), address) if PATHS[kind] in text_of(m)]
    return token_of(site, mail, kind)


def queued(site, address):
    """The letters that were ever written to an address, whether sent or not, oldest first."""
    return [letter for (letter,) in site.sql(f"SELECT letter FROM outbox WHERE LOWER(address) = '{address.lower()}'"
                                             " ORDER BY id")]


def forget(site, address, **more):
    return site.api("POST", "/password/forgot", {"email": address}, **more)


def reset_token(site, address):
    assert forget(site, address).status_code == 202
    return mailed(site, address, "reset")


def reset(site, token, password="a quite new password"):
    return site.api("POST", "/password/reset", {"token": token, "password": password})


def verify(site, token, password):
    return site.api("POST", "/email/verify", {"token": token, "current_password": password})


def expire(site, token, seconds=0):
    site.sql(f"UPDATE one_time_tokens SET expires_at = NOW(3) + INTERVAL {seconds} SECOND"
             f" WHERE hash = UNHEX(SHA2('{token}', 256))")
