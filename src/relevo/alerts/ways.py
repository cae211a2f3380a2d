"""The ways to people: `notify.urls`, beside the cluster file. One address of apprise a line, `#` begins a comment.

Each address holds a password or a token, so none is ever shown or logged: a mistake is told by line number and scheme.
"""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relevo.errors import ConfigurationError
from relevo.i18n import _

FILE_NAME = "notify.urls"  # beside the cluster file
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_NOTHING = "#"  # takes the place of a line without an address, so that the others keep their numbers


@dataclass(frozen=True)
class Way:
    """One way: the line it stands in, and what kind it is; its address never shows in text or repr."""

    line: int
    scheme: str
    url: str = field(repr=False)

    def __str__(self) -> str:
        return _("line {line} ({scheme})").format(line=self.line, scheme=self.scheme)


def parse(text: str) -> tuple[Way, ...]:
    """Return the ways that a text names, whatever apprise thinks of them."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return tuple(Way(number, _scheme(line), line) for number, line in lines if line and not line.startswith("#"))


def problems(text: str) -> list[str]:
    """Return what is wrong with a text, a sentence for each line; apprise's own parser judges the addresses."""
    found = []
    for way in parse(text):
        if "'''" in way.url or not way.url.isprintable():  # it must fit into the secrets file of the nodes
            found.append(_("{way}: characters that no address has").format(way=way))
        elif way.scheme == "?":
            found.append(_("{way}: an address begins with its kind and ://, such as mailto://").format(way=way))
        elif plugin(way) is None:
            text_ = _("{way}: apprise does not understand it; compare it with docs/how-to/notifications.md")
            found.append(text_.format(way=way))
    return found


def read(path: Path) -> str:
    """Return the addresses of a file ("" when there is none), every other line empty but for a `#`.

    Raises:
        ConfigurationError: others can read it, or lines are wrong; says all of them, and shows no address.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError(_("{file} can't be read: {error}").format(file=path, error=what)) from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(_("{file} can be read by others: run `chmod 600 {file}`").format(file=path))
    if wrong := problems(text):
        raise ConfigurationError(f"{path}:\n" + "\n".join(f"  {sentence}" for sentence in wrong))
    ways = {way.line: way.url for way in parse(text)}
    return "\n".join(ways.get(number, _NOTHING) for number in range(1, max(ways) + 1)) if ways else ""


def through_ourselves(text: str, names: Collection[str]) -> list[Way]:
    """Return the ways of mail whose server is one of these names: the platform, which may be what is down."""
    return [way for way in parse(text) if str(getattr(plugin(way), "smtp_host", "")).lower() in names]


def plugin(way: Way) -> Any:  # noqa: ANN401 - apprise's plugins have no common public type
    """Return apprise's object for a way, None when it does not understand the address."""
    import apprise  # noqa: PLC0415 - half a second, and most commands never need it

    quiet = logging.getLogger("apprise")
    quiet.propagate = False  # what it logs may hold addresses
    quiet.addHandler(logging.NullHandler())
    return apprise.Apprise.instantiate(way.url, suppress_exceptions=True)


def _scheme(line: str) -> str:
    """Return what stands before `://`; of anything else not even a part may be shown."""
    found = _SCHEME.match(line)
    return found[1].lower() if found else "?"
