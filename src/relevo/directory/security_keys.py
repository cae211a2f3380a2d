"""Security keys and passkeys (WebAuthn level 2) as a second factor; py_webauthn reads and verifies what browsers send.

A ceremony is a question that the browser hands to the key, and the key's answer to it. The caller keeps the challenge
between the two where the browser can't change it, and forgets it after one answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import webauthn
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from relevo.directory import audit, factors
from relevo.directory.database import changing
from relevo.directory.login_models import SecurityKey
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.i18n import _

NAME_LENGTH = 60
_MOST = 20  # keys of one administrator
_ANSWER_LENGTH = 65536  # characters: several times what keys answer
_HAVING_IT = UserVerificationRequirement.DISCOURAGED  # the password was asked for already: no PIN beside it


class Site(NamedTuple):
    """What keys are bound to: the host name, and the address's beginning that the browser is at (`https://HOST`)."""

    hostname: str
    origin: str


class Question(NamedTuple):
    """What the browser gets, as JSON, and the challenge that the answer must hold, base64url."""

    options: str
    challenge: str


def ask_for_new(administrator: Administrator, site: Site) -> Question:
    """Return the question for a key that the administrator does not have yet."""
    options = webauthn.generate_registration_options(
        rp_id=site.hostname, rp_name=site.hostname, user_name=administrator.address,
        user_id=str(administrator.pk).encode(), exclude_credentials=_known(administrator),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_HAVING_IT
        ),
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def ask_for_one(administrator: Administrator, site: Site) -> Question:
    """Return the question for one of the administrator's keys."""
    options = webauthn.generate_authentication_options(
        rp_id=site.hostname, allow_credentials=_known(administrator), user_verification=_HAVING_IT
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


@changing
def add(administrator: Administrator, name: str, answer: str, challenge: str, site: Site) -> list[str]:
    """Add the key that has answered.

    Args:
        administrator: whose it is.
        name: what its owner calls it, e.g. `blue key`; others of theirs are called otherwise.
        answer: the browser's, as JSON.
        challenge: that of the question.
        site: where the question was asked.

    Returns:
        Recovery codes to be shown once, when this is the first second factor.

    Raises:
        DirectoryError: name or answer can't be taken.
    """
    label = _free_name(administrator, name)
    with _understood():
        seen = webauthn.verify_registration_response(
            credential=_bounded(answer), expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.hostname, expected_origin=site.origin,
        )
    digest = hashlib.sha256(seen.credential_id).hexdigest()
    if SecurityKey.objects.filter(digest=digest).exists():
        raise DirectoryError(_("this key is known already: use it, or take another one"))
    SecurityKey.objects.create(
        administrator=administrator, name=label, digest=digest, sign_count=seen.sign_count,
        credential=bytes_to_base64url(seen.credential_id), public_key=bytes_to_base64url(seen.credential_public_key),
    )
    codes = factors.added(administrator)
    audit.record("admin.factors.key", administrator.address, name=label)
    return codes


@changing
def accepts(administrator: Administrator, answer: str, challenge: str, site: Site) -> bool:
    """Tell whether one of the administrator's keys has answered the question."""
    try:
        with _understood():
            sent = webauthn.helpers.parse_authentication_credential_json(_bounded(answer))
            digest = hashlib.sha256(sent.raw_id).hexdigest()
            key = SecurityKey.objects.select_for_update().get(administrator=administrator, digest=digest)
            seen = webauthn.verify_authentication_response(
                credential=sent, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=site.hostname,
                expected_origin=site.origin, credential_public_key=base64url_to_bytes(key.public_key),
                credential_current_sign_count=key.sign_count,
            )
    except DirectoryError:
        return False
    key.sign_count, key.used_at = seen.new_sign_count, timezone.now()
    key.save(update_fields=["sign_count", "used_at"])
    return True


@changing
def remove(administrator: Administrator, key: int) -> None:
    """Take one of an administrator's keys away."""
    found = administrator.security_keys.filter(pk=key).first()
    if not found:
        raise DirectoryError(_("you have no such key"))
    found.delete()
    factors.removed(administrator)
    audit.record("admin.factors.key_removed", administrator.address, name=found.name)


def _known(administrator: Administrator) -> list[PublicKeyCredentialDescriptor]:
    ids = administrator.security_keys.values_list("credential", flat=True)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(text)) for text in ids]


def _free_name(administrator: Administrator, name: str) -> str:
    label = " ".join(name.split())
    names = list(administrator.security_keys.values_list("name", flat=True))
    if not 0 < len(label) <= NAME_LENGTH or not label.isprintable():
        raise DirectoryError(_("give the key a name of at most {most} characters").format(most=NAME_LENGTH))
    if label.lower() in {known.lower() for known in names}:
        raise DirectoryError(_("you have a key of that name: give this one another"))
    if len(names) >= _MOST:
        raise DirectoryError(_("you have {most} keys: remove one first").format(most=_MOST))
    return label


def _bounded(answer: str) -> str:
    if len(answer) > _ANSWER_LENGTH:
        raise WebAuthnException(_ANSWER_LENGTH)
    return answer


@contextmanager
def _understood() -> Iterator[None]:
    """Turn what is wrong with a key's answer into one sentence; an answer is a stranger's text, and may be anything."""
    try:
        yield
    except (WebAuthnException, SecurityKey.DoesNotExist, ValueError, TypeError, KeyError, RecursionError):
        raise DirectoryError(_("the key's answer does not fit: try again, with the key that you mean")) from None
