"""What is looked for among traces: an administrator's words, checked, as the indexes are asked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from relevo.directory.models import ADDRESS_LENGTH
from relevo.errors import DirectoryError
from relevo.i18n import _
from relevo.trace.letters import RESULTS
from relevo.trace.questions import KEY
from relevo.trace.subjects import digest, key_of

_LONGEST, _NOTED = 400, 200  # characters looked for; and noted
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Filters:
    """Which messages; what is empty does not matter.

    Attributes:
        text: an address, a domain (`@example.org` or `example.org`), a Message-ID, a queue id or an IP address.
        sender: an address, or `@` and a domain.
        recipient: the same.
        message_id: with or without its angle brackets.
        queue_id: or what a trace is called.
        client: the IP address that it came from.
        subject: the whole of it; what counts of it says `relevo.trace.subjects`.
        result: out of RESULTS.
        since: then or later.
        until: before then.
        after: where the page before ended, as `Found.next` says.
        limit: so many on a page.
    """

    text: str = ""
    sender: str = ""
    recipient: str = ""
    message_id: str = ""
    queue_id: str = ""
    client: str = ""
    subject: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    limit: int = 50

    @property
    def is_empty(self) -> bool:
        """Whether everything fits."""
        return not any(value for name, value in vars(self).items() if name not in {"limit", "after"})


def question(filters: Filters) -> dict[str, Any]:
    """Return what the indexes are asked, as in `relevo.trace.questions`; raise DirectoryError when it can't be."""
    if filters.result and filters.result not in RESULTS:
        raise DirectoryError(
            _("{result!r} is no result: take of {results}").format(result=filters.result, results=", ".join(RESULTS))
        )
    words = [*_words(_line(filters.text)), *(
        [kind, text] for kind, text in (
            ("message_id", _line(filters.message_id).strip("<>")), ("key", _line(filters.queue_id)),
        ) if text
    )]
    told: dict[str, Any] = {
        "words": words, "sender": _party(filters.sender), "recipient": _party(filters.recipient),
        "client": _client(filters.client), "subject": _digest(filters.subject), "result": filters.result,
        "since": _micro(filters.since), "until": _micro(filters.until), "before": _before(filters.after),
    }
    return {name: value for name, value in told.items() if value}


def _words(text: str) -> list[list[str]]:
    """Return what a text may stand for: a Message-ID looks like an address."""
    if not text:
        return []
    if _is_ip(text):
        return [["client", str(ipaddress.ip_address(text))]]
    if text.startswith("@"):
        return [["domain", text[1:]]]
    if "@" in text:
        plain = text.strip("<>")
        return [["message_id", plain], *([] if text.startswith("<") else [["address", plain]])]
    words = [["domain", text.lower()]] if _DOMAIN.fullmatch(text) else []
    if KEY.fullmatch(text):
        words += [["key", text], ["message_id", text]]
    if not words:
        raise DirectoryError(_("{text!r} is no address, domain, Message-ID, queue id or IP address").format(text=text))
    return words


def _party(text: str) -> str:
    plain = _line(text).strip("<>")
    if plain and "@" not in plain:
        return f"@{plain}"
    return plain


def _client(text: str) -> str:
    plain = _line(text)
    if plain and not _is_ip(plain):
        raise DirectoryError(_("{text!r} is no IP address").format(text=plain))
    return str(ipaddress.ip_address(plain)) if plain else ""


def _digest(text: str) -> str:
    plain = _line(text)
    found = digest(plain, key_of(settings.SECRET_KEY))
    if plain and not found:
        raise DirectoryError(_("nothing of the subject {text!r} can be looked for").format(text=plain[:_NOTED]))
    return found


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _before(after: str) -> list[Any] | None:
    at, _dot, key = after.partition(".")
    if not after:
        return None
    if not at.isdecimal() or len(at) > len(str(1 << 60)) or not KEY.fullmatch(key):
        raise DirectoryError(_("{text!r} is no place in a list: begin at its first page").format(text=after[:_NOTED]))
    return [int(at), key]


def _micro(at: datetime | None) -> int:
    return max(1, int(at.timestamp() * 1_000_000)) if at else 0


def _line(text: str) -> str:
    """Return a text as the service takes it: what can't be seen can't be looked for."""
    return "".join(letter for letter in text.strip() if letter.isprintable())[:_LONGEST]


def about(filters: Filters) -> str:
    """Return the address or domain that was looked for, `*` when there is none."""
    for text in (_line(filters.text), _party(filters.recipient), _party(filters.sender)):
        if "@" in text and not text.startswith("<") and " " not in text:
            return text.lower()[:ADDRESS_LENGTH]
    return "*"


def detail(filters: Filters) -> dict[str, str]:
    """Return all that was looked for, for the audit log, whose `subject` is what an entry is about."""
    found = {
        name: (value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value))[:_NOTED]
        for name, value in vars(filters).items() if value and name not in {"limit", "subject"}
    }
    return {**found, "subject_line": filters.subject[:_NOTED]} if filters.subject else found
