"""systemd over D-Bus: know at once when a unit dies or is stopped, and restart one, without a fork.

systemd's signals arrive 2 to 9 ms after the death of a process; asking it once a second would cost half a second on
average. Where the bus is gone the agent goes on with its probes alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable, Iterable
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from relevo.agent.faults import UNKNOWN_UNIT, Unit, after_change
from relevo.agent.pace import paced

log = logging.getLogger(__name__)
_SYSTEMD = "org.freedesktop.systemd1"
_MANAGER_PATH = "/org/freedesktop/systemd1"
_DAEMON = "org.freedesktop.DBus"
_UNIT = f"{_SYSTEMD}.Unit"
_PROPERTIES = f"{_DAEMON}.Properties"
_MATCH = (
    f"type='signal',sender='{_SYSTEMD}',interface='{_PROPERTIES}',member='PropertiesChanged',arg0='{_UNIT}'"
)
_RETRY_SECONDS = 2.0
_CALL_SECONDS = paced(5.0)


class UnitsUnknown(Exception):  # noqa: N818 - the state, as the caller meets it
    """systemd does not answer on the bus."""


class Units:
    """The units that matter to this node, kept up to date by signals."""

    def __init__(self, names: Iterable[str], changed: Callable[[str, Unit], None]) -> None:
        """Take the units' full names; `changed(name, unit)` is called after each change."""
        self._names = frozenset(names)
        self._changed = changed
        self._units: dict[str, Unit] = {}
        self._by_path: dict[str, str] = {}
        self._jobs: dict[str, tuple[int, str]] = {}  # number and type of the last job seen on a unit
        self._bus: MessageBus | None = None
        self._news: asyncio.Queue[tuple[str, dict[str, Any]] | None] = asyncio.Queue()

    def get(self, name: str) -> Unit:
        """Return what is known of a unit."""
        return self._units.get(name, UNKNOWN_UNIT)

    async def run(self) -> None:
        """Follow systemd for ever; connect anew when the bus goes away."""
        while True:
            try:
                await self._follow()
            except (OSError, EOFError, TimeoutError, UnitsUnknown) as error:
                log.warning("systemd can't be asked: %s", error or type(error).__name__)
            self._units.clear()
            self._bus = None
            await asyncio.sleep(_RETRY_SECONDS)

    async def kill(self, name: str) -> None:
        """Have systemd end all processes of a unit at once (SIGKILL); raise UnitsUnknown when it can't be asked."""
        await self._manager("KillUnit", "ssi", [name, "all", signal.SIGKILL])

    async def restart(self, name: str) -> None:
        """Have systemd restart a unit; raise UnitsUnknown when it can't be asked."""
        await self._manager("RestartUnit", "ss", [name, "replace"])

    async def reload(self, name: str) -> None:
        """Have systemd reload a unit; raise UnitsUnknown when it can't be asked."""
        await self._manager("ReloadUnit", "ss", [name, "replace"])

    async def start(self, name: str) -> None:
        """Have systemd start a unit, without waiting until it has; raise UnitsUnknown when it can't be asked."""
        await self._manager("StartUnit", "ss", [name, "replace"])

    async def stop(self, name: str) -> None:
        """Have systemd stop a unit, without waiting until it has; raise UnitsUnknown when it can't be asked."""
        await self._manager("StopUnit", "ss", [name, "replace"])

    async def _follow(self) -> None:
        bus = await asyncio.wait_for(MessageBus(bus_type=BusType.SYSTEM).connect(), _CALL_SECONDS)
        self._bus, self._news = bus, asyncio.Queue()
        gone = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        gone.add_done_callback(self._on_gone)
        try:
            bus.add_message_handler(self._on_message)
            await self._call(_DAEMON, "/org/freedesktop/DBus", f"{_DAEMON}.AddMatch", "s", [_MATCH])
            await self._manager("Subscribe")
            for name in self._names:
                path = (await self._manager("LoadUnit", "s", [name]))[0]
                self._by_path[path] = name
                properties = (await self._call(_SYSTEMD, path, f"{_PROPERTIES}.GetAll", "s", [_UNIT]))[0]
                await self._take(path, properties, first=True)
            while news := await self._news.get():  # one by one, in the order in which they happened
                await self._take(*news)
        finally:
            gone.cancel()
            bus.disconnect()

    def _on_gone(self, gone: asyncio.Future[None]) -> None:
        if not gone.cancelled():
            log.warning("the system bus has gone: %s", gone.exception() or "closed")
        self._news.put_nowait(None)

    def _on_message(self, message: Message) -> None:
        if message.member == "PropertiesChanged" and message.path in self._by_path and message.body[0] == _UNIT:
            self._news.put_nowait((message.path, message.body[1]))

    async def _take(self, path: str, changed: dict[str, Any], *, first: bool = False) -> None:
        """Take the new properties of a unit over, and tell about it."""
        if "ActiveState" not in changed:
            return
        name = self._by_path[path]
        active, sub = changed["ActiveState"].value, changed["SubState"].value
        job = await self._job_type(name, changed["Job"].value)
        unit = after_change(self.get(name), active, sub, job, time.monotonic())
        if first:
            unit = Unit(active, sub, job, changed["StateChangeTimestampMonotonic"].value / 1e6)
        self._units[name] = unit
        self._changed(name, unit)

    async def _job_type(self, unit: str, job: list[Any]) -> str:
        """Return `start`, `stop`, `restart`... of the job on a unit, "" without one.

        A job is short: when it has ended before we asked, it is what it was at the last signal, or else `done`.
        """
        number, path = job
        if not number:
            return ""
        with contextlib.suppress(UnitsUnknown):
            answer = await self._call(_SYSTEMD, path, f"{_PROPERTIES}.Get", "ss", [f"{_SYSTEMD}.Job", "JobType"])
            self._jobs[unit] = number, str(answer[0].value)
        known, kind = self._jobs.get(unit, (0, ""))
        return kind if known == number else "done"

    async def _manager(self, member: str, signature: str = "", body: list[Any] | None = None) -> list[Any]:
        return await self._call(_SYSTEMD, _MANAGER_PATH, f"{_SYSTEMD}.Manager.{member}", signature, body or [])

    async def _call(self, destination: str, path: str, method: str, signature: str, body: list[Any]) -> list[Any]:
        """Call a method, named with its interface, and return what it answers."""
        interface, member = method.rsplit(".", 1)
        if self._bus is None:
            raise UnitsUnknown("no connection to the system bus")
        message = Message(
            destination=destination, path=path, interface=interface, member=member, signature=signature, body=body
        )
        reply = await asyncio.wait_for(self._bus.call(message), _CALL_SECONDS)
        if reply is None or reply.message_type is MessageType.ERROR:
            raise UnitsUnknown(f"{member}: {reply.body if reply else 'no answer'}")
        return list(reply.body)
