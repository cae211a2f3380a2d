"""The list as a mail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from relevo.directory.letters import Place, compose, harmless
from relevo.directory.quarantine import words
from relevo.directory.quarantine.copies import Copy
from relevo.i18n import _, ngettext, speaking

_TEMPLATE = Path(__file__).parent / "templates" / "digest"


class Entry(NamedTuple):
    """One message of the list; `link` is empty when its owner can't release it."""

    sender: str
    subject: str
    why: str
    when: str
    link: str


def letter(
    place: Place, to: str, language: str, at: datetime, copies: Sequence[tuple[Copy, str]], *, more: int = 0
) -> bytes:
    """Return the mail.

    Args:
        place: where it comes from.
        to: the owner's address.
        language: `en` or `es`.
        at: the moment, in the platform's time zone.
        copies: what is told of, each with the secret part of its link, or nothing.
        more: how many are not told of.
    """
    with speaking(language):
        entries = [_entry(place, copy, secret, at) for copy, secret in copies]
        told = _told(place, to, len(entries) + more)
        told |= {"entries": entries}
        told["more"] = _("and {count} more").format(count=more) if more else ""
        return compose(place, _TEMPLATE, told, by=_("Refused mail"), to=to, language=language, at=at)


def _entry(place: Place, copy: Copy, secret: str, at: datetime) -> Entry:
    return Entry(
        sender=harmless(copy.author or copy.sender or _("empty sender")),
        subject=harmless(copy.subject or _("(no subject)")),
        why=f"{words.kind_name(copy.kind)}, {harmless(words.why(copy))}",
        when=f"{copy.at.astimezone(at.tzinfo):%Y-%m-%d %H:%M}",
        link=f"https://{place.hostname}/account/release/?t={secret}" if secret else "",
    )


def _told(place: Place, to: str, count: int) -> dict[str, object]:
    """Return the sentences, and the links that every list has."""
    title = ngettext("{count} message was refused for {address}", "{count} messages were refused for {address}", count)
    return {
        "title": title.format(count=count, address=to),
        "introduction": _(
            "The filter has refused these since the last list, and their senders know it. Was one refused wrongly? "
            "Then have it delivered: its link works once, and for a week."
        ),
        "from": _("From"), "subject": _("Subject"), "why": _("Why"), "when": _("When"),
        "release": _("Have it delivered"),
        "forbidden": _("Only an administrator has this one delivered."),
        "all": _("See all that was refused"), "all_link": f"https://{place.hostname}/account/quarantine/",
        "stop": _("Get no such list, or in another language"),
        "stop_link": f"https://{place.hostname}/account/digest/",
    }

