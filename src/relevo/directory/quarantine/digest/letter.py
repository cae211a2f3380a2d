"""The list as a mail, as text and as HTML. Pure.

Names, addresses and subjects in it are a spammer's: they are cut, escaped, and broken by marks that nobody sees where a
mail program would make a link of them. The only links are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from relevo.directory.quarantine import words
from relevo.directory.quarantine.copies import Copy
from relevo.i18n import _, ngettext, speaking

_LONGEST = 80  # characters of a sender, a subject or a reason
# What addresses and links are recognised by, also as it is written in East Asia; behind each goes a space of no width.
_JOINTS = re.compile("([.@:/\N{IDEOGRAPHIC FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}\N{FULLWIDTH FULL STOP}"
                     "\N{FULLWIDTH COMMERCIAL AT}\N{FULLWIDTH COLON}\N{FULLWIDTH SOLIDUS}])")
_BREAK = "\N{ZERO WIDTH SPACE}"


@dataclass(frozen=True)
class Place:
    """Where the list comes from: the platform's name, its first domain, and the name of the run."""

    hostname: str
    domain: str
    run: str


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
        told |= {"entries": entries, "language": language}
        told["more"] = _("and {count} more").format(count=more) if more else ""
        made = EmailMessage(policy=SMTP)
        made["From"] = f"{_('Refused mail')} <postmaster@{place.domain}>"
        made["To"] = to
        made["Subject"] = told["title"]
        made["Date"] = format_datetime(at)
        made["Message-ID"] = f"<digest-{place.run}-{to.replace('@', '-at-')}@{place.hostname}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        made.set_content(_template("digest.txt.j2").render(told), cte="quoted-printable")
        made.add_alternative(_template("digest.html.j2").render(told), subtype="html", cte="quoted-printable")
        made["Content-Language"] = language
    return made.as_bytes()


def harmless(text: str) -> str:
    """Return a stranger's text in a list: short, and nothing of it is taken for a link."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _JOINTS.sub(rf"\1{_BREAK}", short)


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


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=name.endswith(".html.j2"),
    ).get_template(name)
