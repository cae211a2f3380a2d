"""The ports with TLS: a certificate that a careful client accepts, and nothing older than TLS 1.2."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.pki import make_internal_ca, make_server_certificate
from relevo.drills import trust
from relevo.drills.dialogue import SmtpDialogue, Talk
from relevo.drills.vocabulary import World
from relevo.i18n import _

_SECONDS = 15.0
_OLD = (("TLS 1.0", ssl.TLSVersion.TLSv1), ("TLS 1.1", ssl.TLSVersion.TLSv1_1))


@dataclass(frozen=True)
class TlsPort:
    """A port and how TLS begins on it: at once, or after a command of that protocol."""

    number: int
    protocol: str
    starttls: str = ""


PORTS = (
    TlsPort(25, "SMTP", "smtp"), TlsPort(587, "SMTP", "smtp"), TlsPort(465, "SMTP"), TlsPort(143, "IMAP", "imap"),
    TlsPort(993, "IMAP"), TlsPort(110, "POP3", "pop3"), TlsPort(995, "POP3"), TlsPort(443, "HTTPS"),
)


def check_certificates(world: World) -> None:
    """Connect to each port as a careful client does."""
    for port in PORTS:
        with world.checking(
            _("certificate on port {port}").format(port=port.number),
            tried=_("TLS, with chain and name {name} checked").format(name=world.cluster.hostname),
            expected=_("accepted, TLS 1.2 or newer"),
        ) as check:
            version = handshake(world.cluster.vip, port, world.tls(), world.mail.name)
            check.saw(version, good=version in {"TLSv1.2", "TLSv1.3"})


def check_old_versions(world: World) -> None:
    """Offer each port only TLS 1.0, then only 1.1, after showing that this client can speak them."""
    for title, version in _OLD:
        if not _can_speak(world, title, version):
            continue
        with world.checking(
            _("{version} on all ports").format(version=title),
            tried=_("offer only {version} on {ports}").format(version=title, ports=_listed(PORTS)),
            expected=_("refused on each"),
        ) as check:
            if accepted := [port for port in PORTS if not _refuses(world, port, version)]:
                check.saw(_("accepted on {ports}").format(ports=_listed(accepted)), good=False)
            else:
                check.saw(_("refused on all {count}").format(count=len(PORTS)), good=True)


def handshake(address: str, port: TlsPort, context: ssl.SSLContext, name: str) -> str:
    """Do the TLS handshake of a port and return the version agreed on.

    Raises ssl.SSLError, OSError or ProbeFailed; ProbeFailed means that the server didn't get as far as TLS.
    """
    with Talk((address, port.number), Deadline(_SECONDS), None if port.starttls else context) as talk:
        if port.starttls:
            _ask_for_tls(talk, port.starttls, name)
            talk.start_tls(context)
        return talk.tls_version()


def _listed(ports: Sequence[TlsPort]) -> str:
    return ", ".join(str(port.number) for port in ports)


def _ask_for_tls(talk: Talk, protocol: str, name: str) -> None:
    if protocol == "smtp":
        dialogue = SmtpDialogue(talk)
        dialogue.reply()
        dialogue.ask(f"EHLO {name}")
        if not (reply := dialogue.ask("STARTTLS")).good:
            raise ProbeFailed(str(reply))
    elif protocol == "imap":
        talk.expect("* OK")
        talk.send("a STARTTLS")
        talk.expect("a OK")
    else:
        talk.expect("+OK")
        talk.send("STLS")
        talk.expect("+OK")


def _refuses(world: World, port: TlsPort, version: ssl.TLSVersion) -> bool:
    """Tell whether the handshake fails; a server that can't be talked to at all is trouble, not a refusal."""
    try:
        handshake(world.cluster.vip, port, trust.outdated(version), world.mail.name)
    except (ssl.SSLError, ConnectionResetError):
        return True
    return False


def _can_speak(world: World, title: str, version: ssl.TLSVersion) -> bool:
    """Show that this client can speak the version, with a server of its own: else a refusal proves nothing."""
    good = False
    with world.checking(
        _("this client speaks {version}").format(version=title), tried=_("a server of the drill itself, on loopback"),
        expected=_("a handshake"),
    ) as check:
        agreed = _with_own_server(version)
        good = agreed == title.replace("TLS ", "TLSv").replace("1.0", "1")
        check.saw(agreed, good=good)
    return good


def _with_own_server(version: ssl.TLSVersion) -> str:
    listener = socket.create_server(("127.0.0.1", 0))
    server = threading.Thread(target=_serve_one, args=(listener, _server_context(version)), daemon=True)
    server.start()
    try:
        port = TlsPort(listener.getsockname()[1], "TLS")
        return handshake("127.0.0.1", port, trust.outdated(version), "client")
    finally:
        server.join(timeout=_SECONDS)
        listener.close()


def _serve_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _peer = listener.accept()
    try:
        context.wrap_socket(connection, server_side=True).close()
    except OSError:
        connection.close()  # the client's side of the handshake tells what went wrong


def _server_context(version: ssl.TLSVersion) -> ssl.SSLContext:
    authority, address = make_internal_ca("drill"), IPv4Address("127.0.0.1")
    key, certificate = make_server_certificate(*authority, names=("drill.example",), addresses=(address,))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the very point
        path = Path(folder) / "both.pem"
        path.write_text(key + certificate)
        context.load_cert_chain(path)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = version
    return context
