"""Carries the orders of `relevo.agent.ownership` out: gate, fence, mount, and the other node's queue.

One thing at a time, in a task that begins anew until the machine is as the orders say. What was begun is told to nobody
before it is done: the others see the state of the kernel and of systemd, not the wish.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from relevo.agent import gluster, ownership
from relevo.agent.barriers import BarrierError, Barriers
from relevo.agent.deliveries import Deliveries
from relevo.agent.history import ADOPTS, CLOSED, CUT, HANDS_BACK, LEAVES, LET_IN, OPENED, RETURNS, SILENT
from relevo.agent.ownership import Given, Orders, Word
from relevo.agent.pace import paced
from relevo.agent.settings import Settings
from relevo.agent.units import Units, UnitsUnknown

log = logging.getLogger(__name__)
_RETRY_SECONDS = paced(0.5)  # after something that could not be done
_UNIT_SECONDS = paced(5.0)  # the same is not asked of systemd again for so long
_DOWN = frozenset({"inactive", "failed"})


class Guard:
    """What this machine holds back, and from whom. Lives on the agent's event loop; commands run in threads."""

    def __init__(
        self, settings: Settings, units: Units, barriers: Barriers, changed: Callable[[], None],
        note: Callable[[str, str], None], *, gives: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take what acts; `changed` is called when something has been done, `note` (event, why) for the history.

        `gives`: whether the virtual IP is being handed over, so that sessions of SMTP go on here.
        """
        self._gives = gives
        self._settings, self._units, self._barriers = settings, units, barriers
        self._changed, self._note = changed, note
        self._began = time.monotonic()
        self._names = {peer.address: peer.node for peer in settings.peers}
        self._addresses = {node: address for address, node in self._names.items()}
        self._other = next((peer.node for peer in settings.peers if peer.is_mail), "") if settings.is_mail else ""
        self._storage = next((peer.node for peer in settings.peers if not peer.is_mail), "")
        self._latch = Path(settings.state_directory) / "agent-cut-off"
        self._latch.parent.mkdir(parents=True, exist_ok=True)
        self._heard_of = Path(settings.state_directory) / "agent-known"
        self._known = _names_in(self._heard_of)
        self._was_cut = self._latch.exists()
        self._claim = self._granted = ""
        self._alone_since = float("inf")
        self._cut: frozenset[str] = frozenset()
        self._ended: frozenset[str] = frozenset()  # whose storage connections were ended since they fell silent
        self._open = False
        self._asked: dict[str, tuple[str, float]] = {}  # by unit: what was last asked of systemd, and when
        self._other_open = False
        self._task: asyncio.Task[None] | None = None
        self._deliveries = Deliveries(barriers, settings.config["lmtp_port"])
        self.ready = False  # the kernel has been asked
        self.orders = Orders()
        self.trouble = ""  # why the last thing could not be done

    async def start(self) -> None:
        """Learn from the kernel what an earlier agent left; try until it answers."""
        while True:
            try:
                addresses = await asyncio.to_thread(self._barriers.cut_now)
                self._open = self._settings.is_mail and await asyncio.to_thread(self._barriers.gate_is_open)
                if self._open:  # what belongs to it may be new, or was taken away in a switchover that was broken off
                    await asyncio.to_thread(self._barriers.open_gate)
            except BarrierError as error:
                self._complain(str(error))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._cut = frozenset(self._names[address] for address in addresses if address in self._names)
                self.ready = True
                self._changed()
                return

    @property
    def is_open(self) -> bool:
        """Tell whether clients that read or write mailboxes are heard."""
        return self._open

    @property
    def cuts_other(self) -> bool:
        """Tell whether this machine has cut the other mail node off: it may not serve before it is let in again."""
        return self._other in self._cut

    @property
    def cut(self) -> frozenset[str]:
        """Whom this machine cuts off from the storage."""
        return self._cut

    def is_urgent(self, now: float, words: Mapping[str, Word]) -> bool:
        """Tell whether time alone may soon change the orders: somebody waits for us, or we for somebody."""
        asked = {word.asks for word in words.values() if word.asks} - self._cut
        missed = [node for node, word in words.items() if not word.is_fresh(now) and not self._is_settled(node)]
        return bool(asked or missed or self.orders.why or (self._other and self._other not in words.keys() | self._cut))

    def _is_settled(self, node: str) -> bool:
        """Tell whether a silent machine changes nothing any more."""
        return node in self._cut or (node != self._other and node in self._ended)

    def view(self) -> dict[str, object]:
        """Return what the others must know of us; its keys are in `relevo.agent.view`."""
        return {
            "claim": self._claim,
            "concedes": self.orders.concedes,
            "cut": sorted(self._cut),
            "asks": self.orders.asks,
            "clean": self.orders.clean,
            "open": self._open,
            "adopts": self._other if self._adopting() else "",
            "why": self.trouble or self.orders.why,
        }

    def decide(
        self, now: float, words: Mapping[str, Word], *, holder: bool, holder_since: float, majority_lost: bool,
        other_open: bool = False,
    ) -> Orders:
        """Work the orders out and see that they are carried out; return them for the verdict.

        `other_open`: the other mail node says that its gate is open; what waits in our queue can go there then.
        """
        if other_open and not self._other_open:
            self._deliveries.try_again()
        self._other_open = other_open
        if holder and not self._claim:
            self._claim = f"{self._settings.node} {time.time():.3f}"
        elif not holder and self._claim:
            self._claim = ""
            if not self._open:  # else its closing sees to this
                self._deliveries.restart()
        heard = any(word.is_fresh(now) for word in words.values())
        self._alone_since = float("inf") if heard else min(self._alone_since, now)
        self._remember(words)
        self.orders = ownership.orders(Given(
            now=now, began=self._began, node=self._settings.node, other=self._other, storage=self._storage, words=words,
            known=self._known, holder=holder, holder_since=holder_since, claim=self._claim, granted=self._granted,
            cut=self._cut, open=self._open, was_cut=self._was_cut, majority_lost=majority_lost,
            alone_since=self._alone_since, storage_up=self._storage_up(), adopting=self._adopting(),
        ))
        self._granted = self.orders.granted
        self._ended &= self.orders.gone
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._carry_out())
        return self.orders

    async def _carry_out(self) -> None:
        try:
            while await self._one_step():
                self.trouble = ""
                self._changed()
        except (BarrierError, OSError, TimeoutError, UnitsUnknown) as error:
            self._complain(str(error) or type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _one_step(self) -> bool:
        """Do the most pressing thing that is not as ordered; tell whether there was one."""
        orders = self.orders
        if self._open and not orders.open:
            await self._close()
        elif new := orders.cut - self._cut:
            await self._fence(new)
        elif orders.open and not self._open:
            await self._open_gate()
        elif silent := orders.gone - self._ended:
            await self._end(silent)
        elif gone := self._cut - orders.cut:
            await self._let_in(gone)
        else:
            return await self._storage_step(orders)
        return True

    async def _storage_step(self, orders: Orders) -> bool:
        """The same for what systemd does; it takes its time, and a change of a unit's state brings us here again."""
        storage, adopted = self._settings.config["storage_unit"], self._settings.config["adopted_unit"]
        if not self._settings.is_mail:
            return False
        if not orders.storage and not self._was_cut:
            self._note(LEAVES, orders.yields)
            self._latch.touch()
            self._was_cut = True
            return True
        if not orders.storage and self._storage_up():
            return await self._ask(storage, "stop")
        if self._adopting() is not orders.adopt:
            return await self._adopt(adopted, start=orders.adopt)
        if orders.storage and self._was_cut:
            self._note(RETURNS, "nobody has cut this node off any more")
            if self._settings.config["storage_kind"] == "glusterfs":
                # without a quorum it stops its brick, and has been seen to start it again deaf: no port, no client
                await self._units.restart(gluster.UNIT)
            await self._ask(storage, "start")
            self._latch.unlink(missing_ok=True)
            self._was_cut = False
            return True
        return False

    async def _adopt(self, unit: str, *, start: bool) -> bool:
        if asked := await self._ask(unit, "start" if start else "stop"):
            self._note(ADOPTS if start else HANDS_BACK, f"the queue of {self._other}")
        return asked

    async def _ask(self, unit: str, verb: str) -> bool:
        """Ask systemd to start or stop a unit, unless that was asked a moment ago; tell whether it was asked now."""
        now = time.monotonic()
        before, at = self._asked.get(unit, ("", float("-inf")))
        if before == verb and now - at < _UNIT_SECONDS:
            return False
        self._asked[unit] = verb, now
        log.info("%s %s", verb, unit)
        await (self._units.start(unit) if verb == "start" else self._units.stop(unit))
        return True

    async def _close(self) -> None:
        await asyncio.to_thread(self._barriers.close_gate)
        self._open = False
        if not self._claim:  # the address has gone: whoever still talks to it here must learn that
            ports = self._settings.config["gated_ports"].split(",") if self._gives() else ()
            await asyncio.to_thread(self._barriers.end_client_connections, ports)
            await self._deliveries.end()
            self._deliveries.try_again()  # the other node may have been open all along
        self._note(CLOSED, self.orders.yields or self.orders.why or "the virtual IP is elsewhere")

    async def _open_gate(self) -> None:
        await asyncio.gather(asyncio.to_thread(self._barriers.open_gate), self._deliveries.end())
        self._open = True
        self._note(OPENED, self._claim)
        self._deliveries.try_again()

    async def _fence(self, nodes: Iterable[str]) -> None:
        for node in nodes:
            await asyncio.to_thread(self._barriers.cut, self._addresses[node])
            self._note(CUT, node)
            self._cut |= {node}
            self._ended |= {node}

    async def _end(self, nodes: Iterable[str]) -> None:
        """End what stands between this machine and a dead one's storage: it would be waited for up to 2 s."""
        for node in nodes:
            self._ended |= {node}
            ended = await asyncio.to_thread(self._barriers.end_storage_connections, self._addresses[node])
            self._note(SILENT, f"{node}; {ended} connections of the storage with it were ended")

    async def _let_in(self, nodes: Iterable[str]) -> None:
        for node in nodes:
            await asyncio.to_thread(self._barriers.let_in, self._addresses[node])
            self._note(LET_IN, node)
            self._cut -= {node}

    def _storage_up(self) -> bool:
        return self._settings.is_mail and self._units.get(self._settings.config["storage_unit"]).active not in _DOWN

    def _adopting(self) -> bool:
        return self._settings.is_mail and self._units.get(self._settings.config["adopted_unit"]).active not in {
            *_DOWN, "unknown"
        }

    def _remember(self, words: Mapping[str, Word]) -> None:
        if new := words.keys() - self._known:
            self._known |= new
            with contextlib.suppress(OSError):
                self._heard_of.write_text("\n".join(sorted(self._known)) + "\n", encoding="utf-8")

    def _complain(self, text: str) -> None:
        if text != self.trouble:
            log.warning("%s", text)
        self.trouble = text


def _names_in(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()
