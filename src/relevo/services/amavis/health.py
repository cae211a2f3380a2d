"""What the agent asks Amavis, and how a filter that hangs is told from one that is busy."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from relevo.agent.pace import paced
from relevo.agent.probe import AgentConfig, Conversation, Deadline, NoAnswer, Probe, ProbeFailed, StandsStill, used

UNIT = "amavis.service"
_SCANNER_UNIT = "clamav-daemon.service"
STILL_SECONDS = paced(1.2)  # a child that waits for name servers (SpamAssassin) wakes once a second
_BELOW = ("clamav", "postfix", "storage")  # where it sends a message to: the scanner; the queue, on the mail store
_LOOKS = 6  # in that time, which counts from when clamd has ended what was under way
TURN_SECONDS = paced(5.0)  # how long we wait for our turn
_IDLE_SECONDS = 0.02  # what clamd uses in that time to answer our own PING, at most
Times = tuple[float | None, float | None]


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. Vital: without the filter Postfix answers 451 to every message.

    All children may be at work, and dozens of clients wait for their turn before us: that is load, not a fault. A
    restart would turn all of them away (451), and the other node would not be any quicker. So as long as anything in it
    works, it is well; a child that works for too long is ended by Amavis itself ($child_timeout).
    """
    port = int(config["amavis_inbound_port"])

    def hello(deadline: Deadline) -> str:
        with Conversation(("127.0.0.1", port), deadline) as line:
            if not speaks(line, _times, within=TURN_SECONDS):
                return "busy"
            line.expect("220")
            line.send("EHLO relevo-probe")
            while (answer := line.line()).startswith("250-"):
                pass
            if not answer.startswith("250 "):
                raise ProbeFailed(f"EHLO: {answer[:120]!r}")
            line.send("QUIT")
        return "answers"

    return (
        Probe(
            "amavis", "amavis", hello, unit=UNIT, every=1, timeout=7, patient=True, slow_start=True,
            stands_on=_BELOW,
        ),
    )


def speaks(line: Conversation, times: Callable[[], Times], within: float, still: float = STILL_SECONDS) -> bool:
    """Tell whether the greeting comes in time; when not, the filter is busy.

    Raises:
        StandsStill: neither it nor its virus scanner works meanwhile.
        NoAnswer: it does not come, and nobody can tell whether they work.
    """
    began = time.monotonic()
    marks = deque([(began, times())])  # the first one is the newest of those that are `still` old
    while not line.comes(within=still / _LOOKS):
        at, now = time.monotonic(), times()
        marks.append((at, now))
        while marks[1][0] <= at - still:
            marks.popleft()
        since, before = marks[0]
        if at - since >= still and stands_still(before, now):
            raise StandsStill(f"no greeting, and none of its processes ran for {still:g} s")
        if at > began + within:
            if now[0] is None:
                raise NoAnswer("no answer in time")  # the kernel does not tell whether anything in it works
            return False
    return True


def stands_still(before: Times, now: Times) -> bool:
    """Tell whether the filter has used no processor time, and clamd no more than an idle one; unknown is no."""
    (filter_before, scanner_before), (filter_now, scanner_now) = before, now
    if filter_before is None or filter_now is None:
        return False
    idle = scanner_before is None or scanner_now is None or scanner_now - scanner_before < _IDLE_SECONDS
    return filter_now == filter_before and idle


def _times() -> Times:
    return used(UNIT), used(_SCANNER_UNIT)
