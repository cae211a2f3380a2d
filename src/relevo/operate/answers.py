"""What the agents say: each of its own machine, and of the others where those say nothing themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
_STALE_SECONDS = FRESH_SECONDS * 5


@dataclass(frozen=True)
class Answer:
    """What was learned of one machine: its agent's view, or why there is none. `second_hand`: from another's agent."""

    view: Mapping[str, Any] | None = None
    problem: str = ""
    second_hand: bool = False


def ask_over_ssh(cluster: Cluster, ssh: Ssh) -> dict[str, Answer]:
    """Ask the agent of every machine; what one does not say itself is taken from the others."""

    def one(node: Node) -> tuple[dict[str, Any], str]:
        try:
            text = ssh.run(node, [*ASK_AGENT, "view"], within=_ASK_SECONDS)
            return json.loads(text), ""
        except UnreachableError as error:
            return {}, str(error)
        except (CommandFailed, ValueError) as error:
            return {}, _("{node}: its agent does not answer ({error})").format(node=node.name, error=error)

    with ThreadPoolExecutor() as pool:
        found = dict(zip((node.name for node in cluster.peers), pool.map(one, cluster.peers), strict=True))
    return gather(cluster, {name: whole for name, (whole, _why) in found.items()},
                  {name: why for name, (_whole, why) in found.items() if why})


def ask_here(cluster: Cluster) -> dict[str, Answer]:
    """Ask the agent of this machine, which knows the others' views; raise RelevoError when it does not run."""
    try:
        whole = json.loads(ask("view", AGENT_SOCKET))
    except (OSError, ValueError) as error:
        text = _("the agent of this machine does not answer ({error}): see `systemctl status relevo-agent`")
        raise RelevoError(text.format(error=error)) from None
    return gather(cluster, {whole["own"]["node"]: whole}, {})


def gather(cluster: Cluster, wholes: Mapping[str, Mapping[str, Any]], why: Mapping[str, str]) -> dict[str, Answer]:
    """Return an answer for each machine: its own view, else the freshest that another agent has of it."""
    answers = {}
    for node in cluster.peers:
        if whole := wholes.get(node.name):
            answers[node.name] = Answer(whole["own"])
            continue
        heard = [peer for whole in wholes.values() if (peer := (whole.get("peers") or {}).get(node.name))]
        fresh = [peer for peer in heard if peer["age"] is not None and peer["age"] < _STALE_SECONDS]
        problem = why.get(node.name, "")
        if fresh:
            answers[node.name] = Answer(min(fresh, key=lambda peer: peer["age"])["view"], problem, second_hand=True)
        else:
            silent = _("{node}: no other machine hears its agent").format(node=node.name)
            answers[node.name] = Answer(None, problem or silent)
    return answers
