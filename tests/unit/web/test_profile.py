"""The profile for Apple's devices: signed, parsed back, with a password only when that is wanted."""

from __future__ import annotations

import html
import plistlib
import socketserver
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest

from relevo.cluster.pki import make_internal_ca, make_server_certificate
from relevo.directory import app_passwords
from relevo.profile.__main__ import LONGEST, answer
from relevo.profile.building import Wanted, build
from relevo.profile.signing import NotSigned, sign
from tests.unit.web.test_account import STRONG, ana, box  # noqa: F401 - a fixture among them

HOST = "mail.example.org"
WITH_PASSWORD = "/account/set-up/profile/password/"


@pytest.fixture(scope="module")
def authority() -> tuple[str, str, str]:
    """Certificate of a CA, and key and certificate of a server with it behind."""
    ca_key, ca = make_internal_ca("lab")
    key, certificate = make_server_certificate(ca_key, ca, [HOST], [])
    return ca, key, certificate + ca


def opened(signed: bytes, ca: str, folder) -> bytes:
    """Return what is in a signed profile; OpenSSL verifies it up to the CA."""
    (folder / "ca.pem").write_text(ca)
    how = ["-inform", "DER", "-binary", "-purpose", "any", "-CAfile", folder / "ca.pem"]
    done = subprocess.run(["openssl", "cms", "-verify", *how], input=signed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mail_of(profile: bytes) -> dict[str, object]:
    (account,) = plistlib.loads(profile)["PayloadContent"]
    return account


def test_a_signed_profile_is_what_was_built(authority, tmp_path):
    ca, key, chain = authority
    plain = build(Wanted("ana@example.org", name="Ana Pérez"), HOST)
    assert opened(sign(plain, chain, key), ca, tmp_path) == plain


def test_one_byte_of_another_is_noticed(authority, tmp_path):
    ca, key, chain = authority
    signed = sign(build(Wanted("ana@example.org"), HOST), chain, key)
    with pytest.raises(AssertionError):
        opened(signed.replace(b"ana@example.org", b"eva@example.org", 1), ca, tmp_path)


def test_what_can_not_sign_says_why(authority):
    _ca, key, chain = authority
    later = datetime.now(UTC) + timedelta(days=9999)
    for given, because in (((chain, key, later), "is over since"), ((chain, "", None), "can't be read"),
                           (("", key, None), "can't be read")):
        with pytest.raises(NotSigned, match=because):
            sign(b"", given[0], given[1], now=given[2])


def test_only_profiles_of_mailboxes_are_signed(authority):
    _ca, key, chain = authority
    for line in (
        '{"address": "x"}', '{"address": "ana@example.org", "password": "a b"}', "[]", "no JSON", '{"data": "x"}',
        '{"address": "ana@example.org", "name": "a\\nb"}', '{"address": 5}', "[" * LONGEST,
    ):
        assert answer(line, HOST, chain, key) == {"trouble": "none of what can be asked"}
    assert answer("{}", HOST, chain, key) == {"signed": ""}


@pytest.fixture
def signer(authority, tmp_path, monkeypatch):
    """The socket as systemd has it: each connection gets a process of its own, here a thread."""
    _ca, key, chain = authority

    class One(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            import json  # noqa: PLC0415 - as the process does

            told = answer(self.rfile.readline(LONGEST).decode(), HOST, chain, key)
            self.wfile.write(json.dumps(told).encode() + b"\n")

    path = str(tmp_path / "profile.sock")
    monkeypatch.setattr("relevo.web.account.setting_up.PROFILE_SOCKET", path)
    with socketserver.ThreadingUnixStreamServer(path, One) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


def test_an_owner_gets_a_signed_profile_without_a_password(ana, signer, authority, tmp_path):  # noqa: F811 - the fixture
    assert "signed with the certificate of mail.example.org" in ana.get("/account/set-up/").content.decode()
    found = ana.get("/account/set-up/profile/")
    assert found.headers["Content-Type"] == "application/x-apple-aspen-config"
    mail = mail_of(opened(found.content, authority[0], tmp_path))
    assert (mail["EmailAddress"], mail["IncomingMailServerHostName"]) == ("ana@example.org", HOST)
    assert not {"IncomingPassword", "OutgoingPassword"} & mail.keys()
    assert not app_passwords.of(box()).exists()


def test_with_a_password_only_for_who_knows_the_mailboxs(ana, signer, authority, tmp_path):  # noqa: F811 - the fixture
    assert "can read your mail" in ana.get(WITH_PASSWORD).content.decode()
    refused = ana.post(WITH_PASSWORD, {"name": "my phone", "current": "wrong"})
    assert "not your password" in html.unescape(refused.content.decode())
    assert not app_passwords.of(box()).exists()
    found = ana.post(WITH_PASSWORD, {"name": "my phone", "current": STRONG})
    assert found.headers["Cache-Control"] == "no-store"
    mail = mail_of(opened(found.content, authority[0], tmp_path))
    (row,) = app_passwords.of(box())
    assert (row.name, row.imap, row.smtp, row.pop3) == ("my phone", True, True, False)
    assert mail["IncomingPassword"] == mail["OutgoingPassword"]
    assert app_passwords.handle_of(str(mail["IncomingPassword"]), "ana@example.org") == row.handle


def test_without_a_signer_it_is_unsigned_and_says_so(ana, monkeypatch):  # noqa: F811 - the fixture
    monkeypatch.setattr("relevo.web.account.setting_up.PROFILE_SOCKET", "/nowhere/profile.sock")
    assert "The profile is not signed now" in ana.get("/account/set-up/").content.decode()
    assert mail_of(ana.get("/account/set-up/profile/").content)["EmailAddress"] == "ana@example.org"
    assert "The profile is not signed, and the device says so" in ana.get("/account/").content.decode()
