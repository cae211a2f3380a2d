"""Records and keys as the page "DNS and DKIM" shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from relevo.directory.dkim.publishing import Seen
from relevo.directory.dkim_models import DkimKey, KeyState
from relevo.records.mail import PublicKey, key_record
from relevo.records.record import Record
from relevo.records.verdict import Finding, Verdict
from relevo.web.section import moment

_VERDICTS = {
    Verdict.RIGHT: (_("right"), "check_circle"),
    Verdict.WRONG: (_("differs"), "error"),
    Verdict.MISSING: (_("missing"), "cancel"),
    Verdict.UNKNOWN: (_("not answered"), "help"),
}
_STATES = {
    KeyState.NEW: _("new"), KeyState.SIGNING: _("signs"), KeyState.RETIRED: _("retired"),
}


class RecordRow:
    """A record: what it is for, what should be there, what is there."""

    def __init__(self, finding: Finding, seen: Seen, keys: Sequence[DkimKey]) -> None:
        self.record, self.found, self.verdict = finding.record, finding.found, finding.verdict.value
        self.word, self.icon = _VERDICTS[finding.verdict]
        self.purpose = _purpose(finding.record, keys)
        self.trouble = "" if seen.trouble else finding.trouble
        self.differs = finding.verdict is Verdict.WRONG
        self.matters = finding.matters


class Step(NamedTuple):
    """What can be done with a key."""

    do: str
    text: Any


class KeyRow:
    """A key: what it does, what becomes of it next, and what can be done."""

    def __init__(self, key: DkimKey, *, is_global: bool) -> None:
        self.selector, self.state, self.word = key.selector, key.state, _STATES[KeyState(key.state)]
        self.record = key_record(key.domain.name, PublicKey(key.selector, key.public))
        self.facts, self.steps = _told(key), _steps(key, is_global=is_global)
        self.is_published = not key.may_go


def by_state(key: DkimKey) -> tuple[int, int]:
    """Return the place of a key in the list: what signs, what will, what did, the newest first."""
    return [KeyState.SIGNING, KeyState.NEW, KeyState.RETIRED].index(KeyState(key.state)), -key.pk


def _told(key: DkimKey) -> str:
    """Return in a sentence or two what a key does, and what comes next."""
    if key.state == KeyState.SIGNING:
        since = key.signing_at or key.created_at
        return str(_("Signs all mail of the domain since {when}.").format(when=moment(since)))
    if key.state == KeyState.NEW and key.seen_at:
        return str(_("Seen in DNS since {when}: it begins to sign within some minutes.").format(
            when=moment(key.seen_at)
        ))
    if key.state == KeyState.NEW:
        return str(_(
            "Made {when}; signs nothing yet. Publish its record: when DNS shows it for some minutes, it begins to sign "
            "by itself."
        ).format(when=moment(key.created_at)))
    if key.may_go:
        return str(_("Nobody needs it any more: take its record out of DNS, and it is deleted by itself."))
    until = moment(key.safe_from) if key.safe_from else ""
    return str(_(
        "Signs nothing any more. Keep its record published until {when}: mail that it has signed may still be under "
        "way."
    ).format(when=until))


def _steps(key: DkimKey, *, is_global: bool) -> list[Step]:
    if key.state == KeyState.SIGNING:
        return [Step("retire", _("Stop signing"))] if is_global else []
    sign = Step("sign", _("Look in DNS, and sign with it") if key.state == KeyState.NEW else _("Sign with it again"))
    unseen = [Step("sign_unseen", _("Sign with it unseen"))] if is_global else []
    if key.state == KeyState.NEW or key.may_go:
        return [sign, *unseen, Step("delete", _("Delete"))]
    return [sign, *unseen, *([Step("delete_now", _("Delete"))] if is_global else [])]


def _purpose(record: Record, keys: Sequence[DkimKey]) -> Any:
    """Return what a record is for, in plain words."""
    name, kind = record.name, record.type
    if "._domainkey." in name:
        return next((_KEYS[KeyState(key.state)] for key in keys if key.name == name), "")
    if name.startswith("_dmarc."):
        return _("DMARC: what others shall do with forged mail")
    if kind == "TXT":
        return _("SPF: who may send in this name")
    return _PURPOSES.get(kind, "")


_KEYS = {
    KeyState.NEW: _("DKIM: the new key, which waits for this record"),
    KeyState.SIGNING: _("DKIM: the key that mail is signed with"),
    KeyState.RETIRED: _("DKIM: the key before, for mail that is under way"),
}
_PURPOSES = {
    "MX": _("where mail to the domain goes"),
    "A": _("the address of the mail host"),
    "AAAA": _("the IPv6 address of the mail host"),
    "SRV": _("where mail programs find their settings"),
    "CNAME": _("where mail programs find their settings"),
    "PTR": _("the name behind the address; whoever gave you the address makes it, usually your provider"),
}
