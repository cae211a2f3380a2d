"""Are all copies of the mail whole? What GlusterFS says of its healing, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from relevo.cluster.wires import STORAGE_VOLUME
from relevo.i18n import _

HEAL = ("gluster", "volume", "heal", STORAGE_VOLUME)
_FEW = 100  # entries that may be looked at one by one


def unhealed(heal: Callable[..., str]) -> list[str]:
    """Return what is not whole of the copies of the mail, in words; `heal(WORD...)` asks `HEAL`.

    The entries are counted first. To look at each of thousands takes the time that their healing needs; with few, it
    tells those that are just being written from those that are behind.
    """
    counts = list(_counted(heal("statistics", "heal-count").splitlines()))
    if any(count > _FEW for _brick, count in counts):
        return [_behind(brick, str(count)) for brick, count in counts if count]
    return list(_summarised(heal("info", "summary").splitlines()))


def behind(heal: Callable[..., str]) -> list[str]:
    """Return the paths of a few files that are not whole, from the root of the store on; none when there are many.

    A file that could not be made on any copy but one (no room) has no name on the others by which they could heal it:
    whoever looks it up through a mount has it made there.
    """
    counted = sum(count for _brick, count in _counted(heal("statistics", "heal-count").splitlines()))
    if counted > _FEW:
        return []
    return sorted({line.strip() for line in heal("info").splitlines() if line.startswith("/")})


def _said(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each `NAME: VALUE` with the address of its brick, which a line like `Brick 192.168.100.11:/srv` tells."""
    brick = ""
    for line in lines:
        name, _colon, value = (part.strip() for part in line.partition(":"))
        if line.startswith("Brick "):
            brick = name.removeprefix("Brick ")
        else:
            yield brick, name, value


def _counted(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    for brick, name, value in _said(lines):
        if name == "Number of entries" and value.isdecimal():
            yield brick, int(value)


def _behind(brick: str, count: str) -> str:
    return _("{count} files are not copied from {brick} yet").format(count=count, brick=brick)


def _summarised(lines: Iterable[str]) -> Iterator[str]:
    answers = True
    for brick, name, value in _said(lines):
        if name == "Status":
            answers = value == "Connected"
            if not answers:
                yield _("the copy of the mail on {brick} does not answer").format(brick=brick)
        elif name == "Total Number of entries" and answers and value != "0":
            yield _behind(brick, value)
