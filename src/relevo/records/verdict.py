"""Whether what DNS says under a name is what should be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from relevo.records.record import Record

_CONVENIENCE = ("SRV", "CNAME")  # programs find their settings by these; mail flows without them


class Verdict(StrEnum):
    """How a published record is."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    UNKNOWN = "unknown"  # nobody has answered


@dataclass(frozen=True)
class Finding:
    """One record as it should be, what was found under its name, and the verdict."""

    record: Record
    found: tuple[str, ...]
    verdict: Verdict
    trouble: str = ""  # why nothing is known, or what is odd about the answers

    @property
    def matters(self) -> bool:
        """Tell whether mail suffers: it is not right, and not only a convenience of mail programs."""
        return self.verdict is not Verdict.RIGHT and self.record.type not in _CONVENIENCE


def judge(record: Record, answers: Sequence[str]) -> Finding:
    """Return the verdict on one record, given the data of all records of its name and type."""
    found = tuple(answer for answer in answers if _is_rival(record, answer))
    if not found:
        verdict = Verdict.MISSING
    elif record.type in {"SRV", "PTR"}:  # others of the name do no harm
        verdict = Verdict.RIGHT if any(_same(record, answer) for answer in found) else Verdict.WRONG
    else:  # a second address, MX, SPF or DMARC record is as bad as a wrong one (RFC 7208, 4.5; RFC 7489, 6.6.3)
        verdict = Verdict.RIGHT if len(found) == 1 and _same(record, found[0]) else Verdict.WRONG
    return Finding(record, found, verdict)


def _is_rival(record: Record, answer: str) -> bool:
    """Tell whether an answer claims to be what the record is: a name may have TXT records of other kinds."""
    return record.type != "TXT" or _kind(answer) == _kind(record.data)


def _kind(text: str) -> str:
    """Return what a TXT record is for: `v=spf1`, `v=dmarc1`, `v=dkim1` (whose version may be left out) ..."""
    first = text.replace(";", " ; ").split(maxsplit=1)[:1]
    if "p=" in text and not text.lower().startswith("v="):
        return "v=dkim1"
    return first[0].lower() if first else ""


def _same(record: Record, answer: str) -> bool:
    if record.type != "TXT":
        return _plain(record.data) == _plain(answer)
    kind = _kind(record.data)
    if kind == "v=spf1":  # order and additions don't matter as long as ours are there
        return set(record.data.lower().split()) <= set(answer.lower().split())
    return _tags(record.data).get("p") == _tags(answer).get("p")  # DKIM: the key; DMARC: the policy


def _plain(data: str) -> str:
    return " ".join(data.lower().rstrip(".").split())


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record (RFC 6376 section 3.2); blanks inside a value don't count."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}
