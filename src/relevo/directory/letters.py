"""Mails of the platform's own to owners of mailboxes, as text and as HTML. Pure.

Names, addresses and subjects in them are strangers', often a spammer's: they are cut, escaped, and broken by marks that
nobody sees where a mail program would make a link of them. The only links are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

_LONGEST = 80  # characters of a sender, a subject or a reason
# What addresses and links are recognised by, also as it is written in East Asia; behind each goes a space of no width.
_JOINTS = re.compile("([.@:/\N{IDEOGRAPHIC FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}\N{FULLWIDTH FULL STOP}"
                     "\N{FULLWIDTH COMMERCIAL AT}\N{FULLWIDTH COLON}\N{FULLWIDTH SOLIDUS}])")
_BREAK = "\N{ZERO WIDTH SPACE}"


@dataclass(frozen=True)
class Place:
    """Where a mail comes from: the platform's name, its first domain, and the name of the run."""

    hostname: str
    domain: str
    run: str


def compose(
    place: Place, template: Path, told: Mapping[str, object], *, by: str, to: str, language: str, at: datetime
) -> bytes:
    """Return a mail.

    Args:
        place: where it comes from.
        template: the file without `.txt.j2` and `.html.j2`; its name is in the Message-ID.
        told: what the templates are filled with; `title` is the subject.
        by: the name in From.
        to: the owner's address.
        language: `en` or `es`, in which all of it is.
        at: the moment, in the platform's time zone.
    """
    told = {**told, "language": language}
    made = EmailMessage(policy=SMTP)
    made["From"] = f"{by} <postmaster@{place.domain}>"
    made["To"] = to
    made["Subject"] = told["title"]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{template.name}-{place.run}-{to.replace('@', '-at-')}@{place.hostname}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    made.set_content(_template(template, "txt").render(told), cte="quoted-printable")
    made.add_alternative(_template(template, "html").render(told), subtype="html", cte="quoted-printable")
    made["Content-Language"] = language
    return made.as_bytes()


def harmless(text: str) -> str:
    """Return a stranger's text in a mail: short, and nothing of it is taken for a link."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _JOINTS.sub(rf"\1{_BREAK}", short)


@cache
def _template(path: Path, kind: str) -> Template:
    return Environment(
        loader=FileSystemLoader(path.parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(("html.j2",)),
    ).get_template(f"{path.name}.{kind}.j2")
