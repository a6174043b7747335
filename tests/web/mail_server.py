# SPDX-License-Identifier: ISC
"""A real mail server (aiosmtpd) that also refuses, delays, hangs and drops, as mail servers do."""
import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from conftest import free_port

USER, PASSWORD = "postern@example.org", "hush hush"


class Handler:
    """Keeps what arrives. `fault` is what goes wrong: any method name below, or None."""

    def __init__(self):
        self.fault = None
        self.arrived = []       # (sender, recipients, bytes)
        self.connections = 0
        self.meanwhile = None   # is called before the server takes a mail

    def mails(self):
        return [email.message_from_bytes(content, policy=email.policy.default) for _, _, content in self.arrived]

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "sender 550":
            return "550 5.7.1 we do not write as that"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.fault == "rcpt 550":
            return "550 5.1.1 no such user"
        if self.fault == "rcpt 451":
            return "451 4.7.1 greylisted, come back later"
        if self.fault == "rcpt drop":
            server.transport.close()
        if self.fault == "rcpt hang":
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.fault == "data 554":
            return "554 5.7.1 looks like spam"
        if self.fault == "data 452":
            return "452 4.3.1 disk full"
        self.arrived.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.meanwhile:
            self.meanwhile()
        if self.fault == "data hang":
            await asyncio.sleep(60)
        if self.fault == "data drop":
            server.transport.close()
        return "250 2.0.0 queued as 4711"


class Counting(Controller):
    def factory(self):
        self.handler.connections += 1
        return super().factory()


class Server:
    """What to tell postern, by `settings`; stopped and started while a test goes on."""

    def __init__(self, auth=False, tls=None, folder=None, **more):
        self.port, self.handler = free_port(), Handler()
        self.settings = {"POSTERN_MAIL_TRANSPORT": "smtp", "POSTERN_MAIL_SERVER": f"smtp://localhost:{self.port}",
                         "POSTERN_MAIL_STARTTLS": "off", "POSTERN_MAIL_TIMEOUT": "2", "POSTERN_MAIL_CONNECT": "2"}
        self.more = more
        if auth:
            self.more.update(auth_required=True, auth_require_tls=False, authenticator=self.login)
            self.settings.update(POSTERN_MAIL_USER=USER, POSTERN_MAIL_PASSWORD=PASSWORD)
        if tls:
            context = self.certificate(folder)
            self.settings["POSTERN_MAIL_CA"] = str(folder / "cert.pem")
            self.settings["POSTERN_MAIL_STARTTLS"] = "require"
            if tls == "starttls":
                self.more.update(tls_context=context, require_starttls=True)
            else:
                self.more.update(ssl_context=context)
                self.settings["POSTERN_MAIL_SERVER"] = f"smtps://localhost:{self.port}"
        self.controller = None

    @staticmethod
    def certificate(folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        return context

    @staticmethod
    def login(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=good)

    def start(self):
        self.controller = Counting(self.handler, hostname="localhost", port=self.port, **self.more)
        self.controller.start()
        self.handler.connections = 0    # it tried itself

    def stop(self):
        if self.controller:
            self.controller.stop(no_assert=True)
        self.controller = None


@contextlib.contextmanager
def serving(**more):
    server = Server(**more)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def speechless():
    """A port where somebody takes connections and says nothing. Its number."""
    with socket.create_server(("localhost", 0)) as listener:
        yield listener.getsockname()[1]     # the kernel connects; nobody accepts
