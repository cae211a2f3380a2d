from __future__ import annotations

import pytest

from relevo.directory import passwords
from relevo.errors import DirectoryError


def test_the_hash_is_as_dovecot_reads_it():
    hashed = passwords.hash_password("four unrelated words")
    assert hashed.startswith("{ARGON2ID}$argon2id$v=19$m=7168,t=5,p=1$")
    assert passwords.matches(hashed, "four unrelated words")
    assert not passwords.matches(hashed, "four unrelated word")
    assert not passwords.matches("{ARGON2ID}broken", "x")


def test_a_drawn_secret_has_a_hash_that_is_quick_to_check():
    stored = passwords.hash_secret("drawn by a machine")
    assert stored != passwords.hash_secret("drawn by a machine")
    assert passwords.is_quick(stored)
    assert not passwords.is_quick(passwords.hash_password("drawn by a machine"))
    assert passwords.matches(stored, "drawn by a machine")
    assert not passwords.matches(stored, "drawn by another machine")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "10 to 128"),
        ("x" * 129, "10 to 128"),
        ("aaaaaaaaaaaa", "among the first"),
        ("Password123!", "among the first"),
        ("contraseña2026", "among the first"),
        ("1234567890", "among the first"),
        ("qwertyuiop", "among the first"),
        ("maria-is-the-best", "maria"),
        ("my example.org word", "example"),
        ("tab\tin the password", "keyboard"),
        ("line\nin the password", "keyboard"),
    ],
)
def test_a_weak_password_is_refused_with_advice(password, says):
    with pytest.raises(DirectoryError, match=says):
        passwords.require_strong(password, "maria@example.org")


@pytest.mark.parametrize("password", ["cuatro palabras sin relación", "T7#kd!29xQ", "correct horse battery"])
def test_a_strong_password_is_taken(password):
    passwords.require_strong(password, "maria@example.org")


def test_an_error_never_holds_the_password():
    with pytest.raises(DirectoryError) as caught:
        passwords.require_strong("Password123!", "maria@example.org")
    assert "Password123" not in str(caught.value)
