"""What happened around the virtual IP: the events of all machines in one row, by their clocks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from relevo.agent.ask import ask
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import AGENT_SOCKET, ASK_AGENT
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError
from relevo.i18n import _

_ASK_SECONDS = 20.0


@dataclass(frozen=True)
class Event:
    """One event: when by its machine's clock (seconds since 1970), where, its word in `agent.history`, and why."""

    at: float
    node: str
    event: str
    why: str


@dataclass(frozen=True)
class History:
    """The events, oldest first, and which machines could not be asked, in words."""

    events: tuple[Event, ...]
    problems: tuple[str, ...]


def ask_over_ssh(cluster: Cluster, ssh: Ssh) -> History:
    """Ask the agents of all machines."""

    def one(node: Node) -> tuple[str, str]:
        try:
            command = [*ASK_AGENT, "history"]
            return ssh.run(node, command, within=_ASK_SECONDS), ""
        except RelevoError as error:
            return "[]", f"{node.name}: {error}"

    with ThreadPoolExecutor() as pool:
        answers = dict(zip((node.name for node in cluster.peers), pool.map(one, cluster.peers), strict=True))
    found = merge({name: json.loads(text) for name, (text, _problem) in answers.items()})
    return History(found, tuple(problem for _text, problem in answers.values() if problem))


def ask_here(name: str) -> History:
    """Ask the agent of this machine, whose name is given; the others are not asked."""
    try:
        found = json.loads(ask("history", AGENT_SOCKET))
    except (OSError, ValueError) as error:
        text = _("the agent of this machine does not answer ({error}): see `systemctl status relevo-agent`")
        raise RelevoError(text.format(error=error)) from None
    only = _("only the events of {node}: the operator's machine shows those of all").format(node=name)
    return History(merge({name: found}), (only,))


def merge(found: Mapping[str, Iterable[Mapping[str, Any]]]) -> tuple[Event, ...]:
    """Return the events of all machines in the order of their times."""
    events = [
        Event(float(event["at"]), node, str(event["event"]), str(event["why"]))
        for node, events in found.items() for event in events
    ]
    return tuple(sorted(events, key=lambda event: (event.at, event.node)))
