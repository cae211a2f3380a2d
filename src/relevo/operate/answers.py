"""What the agents say: each of its own machine, and of the others where those say nothing themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from relevo.agent.ask import ask
from relevo.agent.verdict import FRESH_SECONDS
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import AGENT_SOCKET, ASK_AGENT
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnreachableError
from relevo.i18n import _

_ASK_SECONDS = 20.0
STALE_SECONDS = FRESH_SECONDS * 5  # an older word is none


@dataclass(frozen=True)
class Answer:
    """What was learned of one machine: its agent's view, or why there is none.

    `second_hand`: from another's agent; `age`: the view was made so many seconds ago.
    """

    view: Mapping[str, Any] | None = None
    problem: str = ""
    second_hand: bool = False
    age: float = 0.0


@dataclass(frozen=True)
class Said:
    """What one machine said when it was asked: its own view and those of the others, or why nothing; seconds ago."""

    whole: Mapping[str, Any]
    why: str = ""
    age: float = 0.0


def ask_over_ssh(cluster: Cluster, ssh: Ssh) -> dict[str, Answer]:
    """Ask the agent of every machine; what one does not say itself is taken from the others."""
    with ThreadPoolExecutor() as pool:
        said = pool.map(lambda node: ask_one(ssh, node), cluster.peers)
        return gather(cluster, dict(zip((node.name for node in cluster.peers), said, strict=True)))


def ask_one(ssh: Ssh, node: Node) -> Said:
    """Ask the agent of one machine."""
    try:
        return Said(json.loads(ssh.run(node, [*ASK_AGENT, "view"], within=_ASK_SECONDS)))
    except UnreachableError as error:
        return Said({}, str(error))
    except (CommandFailed, ValueError) as error:
        return Said({}, _("{node}: its agent does not answer ({error})").format(node=node.name, error=error))


def ask_here(cluster: Cluster) -> dict[str, Answer]:
    """Ask the agent of this machine, which knows the others' views; raise RelevoError when it does not run."""
    try:
        whole = json.loads(ask("view", AGENT_SOCKET))
    except (OSError, ValueError) as error:
        text = _("the agent of this machine does not answer ({error}): see `systemctl status relevo-agent`")
        raise RelevoError(text.format(error=error)) from None
    return gather(cluster, {whole["own"]["node"]: Said(whole)})


def gather(cluster: Cluster, said: Mapping[str, Said]) -> dict[str, Answer]:
    """Return an answer for each machine: its own view, else the freshest that another agent has of it."""
    return {node.name: _answer(node.name, said) for node in cluster.peers}


def _answer(name: str, said: Mapping[str, Said]) -> Answer:
    own = said.get(name, Said({}))
    if own.whole:
        return Answer(own.whole["own"], age=own.age)
    if heard := min(_heard(name, said), key=lambda peer: peer[0], default=None):
        _confirmed, answer = heard
        return replace(answer, problem=own.why)
    return Answer(None, own.why or _("{node}: no other machine hears its agent").format(node=name))


def _heard(name: str, said: Mapping[str, Said]) -> Iterator[tuple[float, Answer]]:
    """Yield what other agents know of a machine, if it held a moment ago, and how many seconds ago that was."""
    for one in said.values():
        peer = (one.whole.get("peers") or {}).get(name)
        if peer and peer["age"] is not None and (confirmed := peer["age"] + one.age) < STALE_SECONDS:
            made = peer.get("view_age", peer["age"]) + one.age
            yield confirmed, Answer(peer["view"], second_hand=True, age=made)
