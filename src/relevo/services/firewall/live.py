"""Are the rules in the kernel those of the files? Compares them whatever the order of their options. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from relevo.i18n import _

_PROTOCOLS = {"112": "vrrp"}
Shape = frozenset[tuple[str, str]]


def shapes(lines: Iterable[str], chain: str) -> Counter[Shape]:
    """Return the rules of one chain, in UFW's files or in `iptables -S`, in a form in which equal rules are equal."""
    words = (line.split() for line in lines)
    return Counter(_shape(row[2:]) for row in words if row[:2] == ["-A", chain])


def difference(wanted: str, live: str, chain: str) -> str | None:
    """Return a sentence on what the kernel lacks or has too much in a chain, None when it is as the file wants it."""
    want, have = shapes(wanted.splitlines(), chain), shapes(live.splitlines(), chain)
    missing, extra = (want - have).total(), (have - want).total()
    if not (missing or extra):
        return None
    text = _("{chain}: {missing} rules are missing, {extra} are too many")
    return text.format(chain=chain, missing=missing, extra=extra)


def _shape(words: list[str]) -> Shape:
    pairs = zip(words[::2], words[1::2], strict=False)
    return frozenset((option, _value(option, value)) for option, value in pairs if option != "-m")


def _value(option: str, value: str) -> str:
    if option == "-p":
        return _PROTOCOLS.get(value, value)
    return value.removesuffix("/32") if option == "-s" else value
