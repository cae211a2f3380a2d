"""The agents' talk, over real TLS on loopback addresses."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import ssl
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent import links as links_module
from relevo.agent import settings as settings_module
from relevo.agent.clients import Clients
from relevo.agent.links import Links, missed
from relevo.services.agent import identity
from tests.unit.agent.waiting import until


@pytest.fixture(autouse=True)
def port(monkeypatch) -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    monkeypatch.setattr(settings_module, "PORT", free)
    return free


def view(node: str, **more: object) -> dict[str, object]:
    return {"node": node, "faults": [], "weight": 180, "holder": False, "keepalived": "active", **more}


@asynccontextmanager
async def talking(*pairs):
    """Run links made of (settings, function that makes the view, callback)."""
    made = [Links(own, make, heard, Clients(own.vip)) for own, make, heard in pairs]
    tasks = [asyncio.create_task(link.run()) for link in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ignore(*, news: bool) -> None:
    del news


def test_every_agent_hears_every_other(settings):
    async def main() -> None:
        names = ("mail01", "mail02", "storage01")
        pairs = [(settings(name), lambda name=name: view(name), ignore) for name in names]
        async with talking(*pairs) as made:
            await until(lambda: all(len(link.heard) == 2 for link in made))
            before = made[0].heard["mail02"].alive_at
            await until(lambda: made[0].heard["mail02"].alive_at > before)  # it says again and again that it lives

    asyncio.run(main())


def test_an_agent_that_ends_is_told_from_a_machine_that_falls_silent(settings):
    async def main() -> None:
        own = [settings(name) for name in ("mail01", "mail02")]
        async with talking((own[0], lambda: view("mail01"), ignore)) as (stays,):
            async with talking((own[1], lambda: view("mail02"), ignore)):
                await until(lambda: "mail02" in stays.heard)
                assert not stays.heard["mail02"].closed
            await until(lambda: stays.heard["mail02"].closed)
            async with talking((own[1], lambda: view("mail02"), ignore)):
                await until(lambda: not stays.heard["mail02"].closed)

    asyncio.run(main())


def test_a_machine_whose_agent_hangs_answers_and_one_that_is_unknown_does_not(settings):
    async def main() -> None:
        own = [settings(name) for name in ("mail01", "mail02")]
        with socket.create_server((own[1].address, settings_module.PORT)) as frozen:  # takes connections, says nothing
            with socket.create_connection(frozen.getsockname()) as client:
                client.send(b"x")
                assert links_module.last_acknowledged(client) < links_module.ANSWERED_SECONDS
            assert links_module.last_acknowledged(client) == math.inf  # it is closed
        pairs = [(one, lambda one=one: view(one.node), ignore) for one in own]
        async with talking(*pairs) as made:
            await until(lambda: made[0].answers("mail02"))
            assert not made[0].answers("storage01")

    asyncio.run(main())


def test_who_is_missed_is_said_at_once(settings, monkeypatch):
    monkeypatch.setattr(links_module, "WHOLE_SECONDS", 3600.0)
    monkeypatch.setattr(links_module, "MISSED_SECONDS", 0.4)

    async def main() -> None:
        misses: list[Links] = []

        def told() -> dict[str, object]:
            return view("mail02", misses=sorted(missed(misses[0].heard, time.monotonic())) if misses else [])

        one = settings("mail01"), lambda: view("mail01"), ignore
        async with talking((settings("mail02"), told, ignore), one) as (other, hears):
            misses.append(other)
            async with talking((settings("storage01"), lambda: view("storage01"), ignore)):
                await until(lambda: "storage01" in other.heard and "mail02" in hears.heard)
            await until(lambda: hears.heard["mail02"].view["misses"] == ["storage01"])

    asyncio.run(main())


def test_a_change_and_a_question_are_answered_at_once_and_told_apart_from_no_news(settings, monkeypatch):
    monkeypatch.setattr(links_module, "WHOLE_SECONDS", 3600)
    monkeypatch.setattr(links_module, "EVERY_SECONDS", 3600)

    async def main() -> None:
        weight, told = [180], []
        mine = (settings("mail01"), lambda: view("mail01"), lambda *, news: told.append(news))
        theirs = (settings("mail02"), lambda: view("mail02", weight=weight[0]), ignore)
        async with talking(mine, theirs) as (own, other):
            await until(lambda: "mail02" in own.heard and "mail01" in other.heard)
            weight[0] = 150
            other.push()
            await until(lambda: own.heard["mail02"].view["weight"] == 150)
            assert told[-1] is True
            count = len(told)
            own.ask()
            await until(lambda: len(told) > count)
            assert told[-1] is False

    asyncio.run(main())


def test_who_has_another_secret_is_not_heard(settings, tmp_path: Path, port: int):
    stranger = tmp_path / "stranger.pem"
    stranger.write_text(identity.make("another secret"))
    own = settings("mail01")

    async def main() -> None:
        good = (settings("storage01"), lambda: view("storage01"), ignore)
        bad = (replace(settings("mail02"), certificate=str(stranger)), lambda: view("mail02"), ignore)
        async with talking((own, lambda: view("mail01"), ignore), good, bad) as made:
            await until(lambda: "storage01" in made[0].heard)
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            reader, writer = await asyncio.open_connection(own.address, port, ssl=context)
            writer.write(json.dumps(view("mail02")).encode() + b"\n")
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                assert await reader.read() == b""  # it has no certificate at all, so it is sent away
            assert "mail02" not in made[0].heard

    asyncio.run(main())


@pytest.mark.parametrize("line", [b"[1]\n", b"nonsense\n", b'{"node":"elsewhere"}\n', b'{"no":"node"}\n'])
def test_nonsense_ends_the_connection(settings, port: int, line: bytes):
    own = settings("mail01")

    async def main() -> None:
        async with talking((own, lambda: view("mail01"), ignore)) as (link,):
            context = links_module.mutual_context(ssl.PROTOCOL_TLS_CLIENT, own.certificate)

            async def connect():
                async with asyncio.timeout(10):
                    while True:
                        try:
                            return await asyncio.open_connection(own.address, port, ssl=context)
                        except ConnectionRefusedError:
                            await asyncio.sleep(0.01)

            reader, writer = await connect()
            writer.write(line)
            async with asyncio.timeout(10):
                with pytest.raises((ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)):
                    await reader.readexactly(1)
            assert link.heard == {}

    asyncio.run(main())
