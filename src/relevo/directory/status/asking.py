"""Ask who knows: by sockets of this node, at the same time, with a deadline that people don't feel."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relevo.agent.pace import paced
from relevo.cluster.wires import VIEW_SOCKET
from relevo.directory.at_once import at_once
from relevo.directory.queue.asking import asked
from relevo.errors import RelevoError
from relevo.i18n import _

SECONDS = paced(0.2)


@dataclass(frozen=True)
class Seen:
    """What the agent of this node has told: `whole` is empty when nothing is known, `age` is seconds, `why` not now."""

    whole: Mapping[str, Any] = field(default_factory=dict)
    age: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Counted:
    """What went through each mail node, as relevo-queue-control tells it, or why it does not."""

    flows: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""


def ask_all() -> tuple[Seen, Counted]:
    """Return what the agent and who counts mail say; one that does not answer is told so, and holds up nobody."""
    view, flow = at_once(lambda: _look(VIEW_SOCKET), lambda: asked({"do": "flow"}, SECONDS))
    seen = Seen(why=str(view)) if isinstance(view, RelevoError) else _seen(view)
    return seen, Counted(why=str(flow)) if isinstance(flow, RelevoError) else Counted(flow["flows"])


def _look(path: str) -> dict[str, Any]:
    """Return what is in the agent's window (`relevo.agent.window`); raise RelevoError when nobody shows it."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(path)
            told = json.loads(b"".join(iter(lambda: line.recv(1 << 16), b"")))
        if not isinstance(told, dict):
            raise ValueError("not a view")  # noqa: TRY004, TRY301 - of who answers
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise RelevoError(
            _("the agent's view can't be seen on this node ({reason}): `systemctl status relevo-view`")
            .format(reason=reason)
        ) from None
    return told


def _seen(told: Mapping[str, Any]) -> Seen:
    why = ""
    if told["error"]:
        text = _("the agent of this node does not answer ({error}): `systemctl status relevo-agent`")
        why = text.format(error=told["error"])
    return Seen(told["view"] or {}, float(told["age"] or 0.0), why)
