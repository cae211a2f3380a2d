"""Look at both mail nodes' gates many times a second: they must never be open at the same time.

Both are asked, the agent for what it believes and the kernel for what it does; either counts as open. A node that is
cut off from the storage can't write any more: its gate may close a moment after the gate of the one that has cut it off
has opened (invariant 1 of `relevo.agent.ownership`), so the two are compared while neither has cut the other off. The
machines of the lab share this computer's clock (CLOCK_MONOTONIC), so that moments on two of them can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from relevo.cluster.wires import AGENT_SOCKET, FENCE_TABLE, GATE_TABLE, RELEVO_PYTHON
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
def listed(table, name):
    told = subprocess.run(["nft", "--json", "list", "set", "inet", table, name], capture_output=True)
    return None if told.returncode else b'"elem"' in told.stdout
def kernel():
    return listed("{GATE_TABLE}", "open") is not False  # without its table a gate is open
while time.monotonic() < end and not os.path.exists(over):
    began = time.monotonic()
    fences = listed("{FENCE_TABLE}", "cut") is True  # first: it is put up before the gate opens
    seen = agent(), kernel(), fences
    print(json.dumps([began, time.monotonic(), *seen]), flush=True)
    time.sleep({EVERY_SECONDS})
"""


@dataclass(frozen=True)
class Look:
    """One look at a gate: when it began and ended (monotonic seconds), and whether agent or kernel called it open.

    `fences`: this node had cut the other one off from the storage.
    """

    began: float
    ended: float
    agent: bool
    kernel: bool
    fences: bool = False

    @property
    def open(self) -> bool:
        """Tell whether either says so."""
        return self.agent or self.kernel


def read(said: str) -> list[Look]:
    """Read what the script wrote; a line cut short in the end is left out."""
    return [Look(*json.loads(line)) for line in said.splitlines() if line.endswith("]")]


def open_spans(looks: Sequence[Look], *, fences: bool = False) -> Iterator[tuple[float, float]]:
    """Yield from when to when a gate was surely open: from the end of one look to the begin of a later one.

    Only while its node had cut the other one off (`fences`), or only while it had not.
    """
    span: tuple[float, float] | None = None
    for look in looks:
        is_open = look.open and look.fences is fences
        if span and (not is_open or look.began - span[1] > FAR_APART_SECONDS):
            yield span
            span = None
        if is_open:
            span = (span[0] if span else look.ended, look.began)
    if span:
        yield span


def both_open(one: Sequence[Look], other: Sequence[Look]) -> float:
    """Return for how many seconds both gates were surely open, and neither node, or each, had cut the other one off."""
    return sum(
        max(0.0, min(end, other_end) - max(begin, other_begin)) for fences in (False, True)
        for begin, end in open_spans(one, fences=fences) for other_begin, other_end in open_spans(other, fences=fences)
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
            tried=_("ask agent and kernel of both mail nodes ten times a second"),
            expected=_("never at the same time, unless one has cut the other off from the storage"),
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
