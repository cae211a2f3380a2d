"""Look at both mail nodes' gates many times a second: they must never be open at the same time.

Both are asked, the agent for what it believes and the kernel for what it does; either counts as open. The machines of
the lab share this computer's clock (CLOCK_MONOTONIC), so that moments on two of them can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from relevo.cluster.wires import AGENT_SOCKET, GATE_TABLE, RELEVO_PYTHON
from relevo.drills.events import Story
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.errors import RelevoError
from relevo.i18n import _

EVERY_SECONDS = 0.1
LEAST_LOOKS = 100  # at each gate: fewer prove nothing
FAR_APART_SECONDS = 1.0  # between two looks of one node nobody knows whether its gate stayed open
_LONGEST_SECONDS = 300
_STOP_FILE = "/run/relevo-drill-gates-over"
_LOOK = f"""
import json, os, subprocess, sys, time
from relevo.agent.ask import ask
over, end = "{_STOP_FILE}", time.monotonic() + {_LONGEST_SECONDS}
if os.path.exists(over):
    os.unlink(over)
def agent():
    try:
        return bool(json.loads(ask("view", "{AGENT_SOCKET}"))["own"]["guard"]["open"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
def kernel():
    told = subprocess.run(["nft", "--json", "list", "set", "inet", "{GATE_TABLE}", "open"], capture_output=True)
    return told.returncode != 0 or b'"elem"' in told.stdout  # without its table a gate is open
while time.monotonic() < end and not os.path.exists(over):
    began = time.monotonic()
    seen = agent(), kernel()
    print(json.dumps([began, time.monotonic(), *seen]), flush=True)
    time.sleep({EVERY_SECONDS})
"""


@dataclass(frozen=True)
class Look:
    """One look at a gate: when it began and ended (monotonic seconds), and whether agent or kernel called it open."""

    began: float
    ended: float
    agent: bool
    kernel: bool

    @property
    def open(self) -> bool:
        """Tell whether either says so."""
        return self.agent or self.kernel


def read(said: str) -> list[Look]:
    """Read what the script wrote; a line cut short in the end is left out."""
    return [Look(*json.loads(line)) for line in said.splitlines() if line.endswith("]")]


def open_spans(looks: Sequence[Look]) -> Iterator[tuple[float, float]]:
    """Yield from when to when a gate was surely open: from the end of one look to the begin of a later one."""
    span: tuple[float, float] | None = None
    for look in looks:
        if span and (not look.open or look.began - span[1] > FAR_APART_SECONDS):
            yield span
            span = None
        if look.open:
            span = (span[0] if span else look.ended, look.began)
    if span:
        yield span


def both_open(one: Sequence[Look], other: Sequence[Look]) -> float:
    """Return for how many seconds both gates were surely open at the same time."""
    return sum(
        max(0.0, min(end, other_end) - max(begin, other_begin))
        for begin, end in open_spans(one) for other_begin, other_end in open_spans(other)
    )


class Gates:
    """A witness of both gates, and of who holds the virtual IP when it is over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pool = ThreadPoolExecutor(2, "gates")
        self._watched: dict[str, Future[str]] = {}
        self._looks: dict[str, list[Look]] = {}

    def __enter__(self) -> Self:
        for node in self._world.mail_nodes:
            self._watched[node.name] = self._pool.submit(_watch, node)
        return self

    def __exit__(self, *_: object) -> None:
        for node in self._world.mail_nodes:
            with suppress(RelevoError):
                node.run("touch", _STOP_FILE)
            with suppress(RelevoError):
                self._looks[node.name] = read(self._watched[node.name].result())
        self._pool.shutdown()

    def judge(self, world: World, story: Story) -> None:
        """Write both into the table; a node that was hardly looked at proves nothing."""
        with world.checking(
            _("{event}: both gates open").format(event=story.event.title),
            tried=_("ask agent and kernel of both mail nodes ten times a second"), expected=_("never at the same time"),
        ) as check:
            one, other = (self._looks.get(node.name, []) for node in world.mail_nodes)
            seconds, enough = both_open(one, other), min(len(one), len(other)) >= LEAST_LOOKS
            text = _("{seconds:.2f} s; {one}, {other}").format(
                seconds=seconds, one=_in_words(one), other=_in_words(other),
            )
            check.saw(text, good=enough and not seconds and any(look.open for look in (*one, *other)))
        with world.checking(
            _("{event}: one holder").format(event=story.event.title), tried=story.scene.tried,
            expected=_("one node holds the virtual IP in the end"),
        ) as check:
            holders = [node.name for node in world.mail_nodes if node.holds_vip()]
            check.saw(", ".join(holders) or _("nobody"), good=len(holders) == 1)


def _in_words(looks: Sequence[Look]) -> str:
    return _("{opened} of {all} looks open").format(opened=sum(look.open for look in looks), all=len(looks))


def _watch(node: Node) -> str:
    return node.run(RELEVO_PYTHON, "-c", _LOOK, within=_LONGEST_SECONDS + 10)
