"""Mail programs that only wait for new mail learn of a failover at once, and are back within seconds.

Given 20 clients that wait in IMAP IDLE (RFC 2177) and would say nothing themselves for half an hour,
when the active node loses power and can tell them nothing,
then each sees its connection end within 2 s, because the node that took over wakes it, and logs in again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from relevo.agent.probe import ConnectionEnded, Deadline, ProbeFailed
from relevo.drills.arrivals import ImapTalk, boxes
from relevo.drills.drill import Drill
from relevo.drills.limits import Limit, aim
from relevo.drills.mailbox import Mailbox
from relevo.drills.mending import whole_again
from relevo.drills.recorder import Observation
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import TROUBLE, describe
from relevo.errors import DrillError
from relevo.i18n import _

CLIENTS = 20  # half of them each user's; Dovecot allows 30 of one user from one address
IDLE_SECONDS = 5.0  # before the cut: a client that has just come may not be known to the other node yet
TOLD, BACK = aim(1.0), aim(2.0)  # from the power cut
_PATIENCE = 30.0  # how long a client is watched after the cut, and how long it tries to log in


class IdleClient(ImapTalk):
    """A mail program that waits for new mail."""

    def __init__(self, box: Mailbox) -> None:
        super().__init__(box)
        self.box = box
        try:
            self.ask("SELECT INBOX")
            self.send("idle IDLE")
            while not self.line().startswith("+"):
                pass
        except BaseException:
            self._socket.close()
            raise

    def until_ended(self, within: float) -> str:
        """Read until the connection ends and return how; raise ProbeFailed when nothing says so in that time."""
        self._deadline = Deadline(within)
        while True:
            try:
                self.line()
            except ConnectionEnded:
                return "closed"
            except TimeoutError:
                raise ProbeFailed("no answer in time") from None
            except OSError as ended:
                return describe(ended)


@dataclass(frozen=True)
class Fortune:
    """When a client's connection ended and how, and when it was in again (monotonic seconds); None: never."""

    told: float | None
    how: str
    back: float | None = None


def run(world: World) -> None:
    """Let clients wait, cut the power of the active node, and see what each of them notices."""
    world.demand_lab()
    world.until_healthy()
    victim = world.active
    users = boxes(world)
    with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as pool:
        clients = list(pool.map(lambda n: stack.enter_context(IdleClient(users[n % len(users)])), range(CLIENTS)))
        watched = [pool.submit(_live, client) for client in clients]
        _settle(watched)
        since = time.monotonic()
        victim.crash()
        fortunes = [one.result() for one in watched]
    _told(world, victim.name, since, fortunes)
    _back(world, victim.name, since, fortunes)
    whole_again(world, _("power cut with idle clients"))


def _live(client: IdleClient) -> Fortune:
    """Wait until the connection ends, then log in again, as often as it takes."""
    try:
        how = client.until_ended(IDLE_SECONDS + _PATIENCE)
    except ProbeFailed as silence:
        return Fortune(None, str(silence))
    told = time.monotonic()
    try:
        eventually(lambda: _logs_in(client.box), within=_PATIENCE, every=0.1, what=_("a new login"))
    except TROUBLE as trouble:
        return Fortune(told, describe(trouble))
    return Fortune(told, how, time.monotonic())


def _logs_in(box: Mailbox) -> bool:
    with ImapTalk(box) as talk:
        talk.ask("SELECT INBOX")
    return True


def _settle(watched: Sequence[Future[Fortune]]) -> None:
    """Wait until all have been idle for a while; raise DrillError when one's connection ends by itself."""
    began = time.monotonic()

    def idle_long_enough() -> bool:
        return any(one.done() for one in watched) or time.monotonic() - began >= IDLE_SECONDS

    eventually(idle_long_enough, within=IDLE_SECONDS + 1, what=_("idle clients"))
    ended = [one.result() for one in watched if one.done()]
    if ended:
        text = _("{count} idle connections ended before the power cut: {how}")
        raise DrillError(text.format(count=len(ended), how=ended[0].how))


def _told(world: World, node: str, since: float, fortunes: Sequence[Fortune]) -> None:
    with world.checking(
        _("idle clients are told"),
        tried=_("{count} clients wait in IDLE; {node} loses power").format(count=len(fortunes), node=node),
        expected=_("the connection of each ends within {limit}").format(limit=TOLD),
    ) as check:
        _saw(check, [one.told and one.told - since for one in fortunes], TOLD, fortunes)


def _back(world: World, node: str, since: float, fortunes: Sequence[Fortune]) -> None:
    with world.checking(
        _("idle clients are back"),
        tried=_("each logs in anew as soon as its connection has ended; {node} is off").format(node=node),
        expected=_("the inbox of each is open within {limit} of the power cut").format(limit=BACK),
    ) as check:
        _saw(check, [one.back and one.back - since for one in fortunes], BACK, fortunes)


def _saw(check: Observation, after: Sequence[float | None], limit: Limit, fortunes: Sequence[Fortune]) -> None:
    """Note how many seconds after the cut that was for each client; None is a client for which it never was."""
    times = [seconds for seconds in after if seconds is not None]
    how = ", ".join(dict.fromkeys(one.how for one, seconds in zip(fortunes, after, strict=True) if seconds is None))
    text = _("{count} of {all}").format(count=len(times), all=len(after))
    if times:
        text += _("; median {median:.2f} s, last {last:.2f} s").format(median=median(times), last=max(times))
    figure = Figure(round(max(times), 3), "s", limit.median) if times else None
    whole = bool(times) and len(times) == len(after) and limit.allows(max(times))
    check.saw(f"{text} ({how})" if how else text, good=whole, figure=figure)


DRILL = Drill(
    "idle", _("Idle clients"),
    _("A mail program that only waits learns of a power cut within 2 s, and logs in again."), run,
)
