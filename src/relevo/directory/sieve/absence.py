"""The verbs: an owner's absence note, in the script that the webmail edits, too."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from relevo.directory import audit
from relevo.directory.addresses import any_address, domain_name
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.sieve import notes, rules
from relevo.directory.sieve.access import scripts_of
from relevo.directory.sieve.client import SECONDS, Client
from relevo.directory.sieve.notes import Note
from relevo.errors import DirectoryError
from relevo.i18n import _

_NAME = "webmail"  # as the webmail calls a script that it makes (managesieve_script_name)
SUBJECT_LENGTH, TEXT_LENGTH, MOST_SENDERS = 200, 10000, 100


def read(box: Mailbox, within: float = SECONDS) -> Note:
    """Return the note of a mailbox; a default one when there is none.

    Raises:
        DirectoryError: it has a form that is not known; UnavailableError when it can't be had in so many seconds.
    """
    with scripts_of(box, within=within) as client:
        _name, script = _script(client)
        rule = rules.note_of(script)
    return notes.read(rule.text) if rule else Note()


def set_(box: Mailbox, note: Note) -> None:
    """Set the note of a mailbox; other rules of its owner stay as they are.

    Raises:
        DirectoryError: something in it can't be so, or the filters can't be read or changed.
    """
    _require_sense(note)
    with scripts_of(box) as client:
        name, script = _script(client)
        old = rules.note_of(script)
        rule = notes.write(note, settings.TIME_ZONE, old.name if old else "", old.text if old else "")
        client.put(name, rules.with_note(script, rule, notes.NEEDS))
        client.activate(name)
    _record(box, note)


def senders(texts: Iterable[str]) -> list[str]:
    """Return addresses of senders as a rule has them: `ana@example.org`, or `*@example.org` for a whole domain."""
    found = [_sender(text) for text in dict.fromkeys(texts)]
    if len(found) > MOST_SENDERS:
        raise DirectoryError(_("at most {most} senders").format(most=MOST_SENDERS))
    return found


def _sender(text: str) -> str:
    domain = text.removeprefix("*").removeprefix("@")
    return str(any_address(text)) if "@" in domain else f"*@{domain_name(domain)}"


def _script(client: Client) -> tuple[str, str]:
    """Return name and text of the script that runs, else of the webmail's."""
    known = client.scripts()
    name = next((name for name, active in known.items() if active), _NAME)
    return name, client.get(name) if name in known else ""


def _require_sense(note: Note) -> None:
    if note.on and not note.text.strip():
        raise DirectoryError(_("write what shall be answered"))
    if note.first and note.last and note.last < note.first:
        raise DirectoryError(_("the last day is before the first one"))


@changing
def _record(box: Mailbox, note: Note) -> None:
    """Note it, without what is answered: that is the owner's own."""
    days = [day.isoformat() if day else "" for day in (note.first, note.last)]
    audit.record("mailbox.absence", box.address, on=note.on, first=days[0], last=days[1])
