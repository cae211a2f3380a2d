"""Subjects, as they are looked for: by a digest, since no journal shall have them. Pure.

Who filters a message writes the digest into the line about it (services/amavis, 65-relevo-hooks: the same rules in
Perl). It is made with a key of the platform, so whoever reads a journal can't try subjects out on it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

_LENGTH = 16  # hexadecimal digits: two subjects out of a million have the same by a chance of one in 40 million
# What programs write before the subject of an answer or of a forwarded message, in the languages of these parts.
_ANSWER = re.compile(r"\A(?:(?:re|r|rv|fw|fwd|res|enc|tr|aw|wg|sv)\s*(?:[\[(]\d+[\])])?\s*:\s*)+", re.IGNORECASE)
_PURPOSE = b"subjects among traces"


def key_of(secret: str) -> str:
    """Return the key, drawn from a secret of the platform."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def plain(subject: str) -> str:
    """Return what counts of a subject: without `Re:`, whatever the case of its letters and the number of its blanks."""
    text = " ".join(unicodedata.normalize("NFC", subject).split())
    return _ANSWER.sub("", text).casefold()


def digest(subject: str, key: str) -> str:
    """Return the digest of a subject by the platform's key; empty when nothing of it counts."""
    text = plain(subject)
    return hmac.new(key.encode(), text.encode(errors="replace"), hashlib.sha256).hexdigest()[:_LENGTH] if text else ""
