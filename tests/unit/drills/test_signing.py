from __future__ import annotations

import dkim
import pytest

from relevo.cluster.pki import dkim_public_key, make_dkim_key
from relevo.drills.letters import letter
from relevo.drills.signing import signature

NAME = "s1._domainkey.a.example"


@pytest.fixture(scope="module")
def pem() -> str:
    return make_dkim_key()


@pytest.fixture
def signed(pem) -> bytes:
    raw = letter("x@a.example", "y@b.example", "signed").raw
    return dkim.sign(raw, b"s1", b"a.example", pem.encode()) + raw


def test_a_signature_is_told_with_whether_it_verifies(signed, pem):
    published = {NAME: f"v=DKIM1; k=rsa; p={dkim_public_key(pem)}"}
    found = signature(signed, published)
    assert (found.domain, found.selector, found.verifies) == ("a.example", "s1", True)
    assert not signature(signed + b"more\r\n", published).verifies
    assert not signature(signed, {}).verifies
    assert not signature(signed, {NAME: f"v=DKIM1; k=rsa; p={dkim_public_key(make_dkim_key())}"}).verifies


def test_what_is_not_signed_is_said_to_be():
    found = signature(letter("x@a.example", "y@b.example", "plain").raw, {})
    assert (found.domain, found.verifies) == ("", False)
