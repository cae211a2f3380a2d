# ruff: noqa: INP001 - a script, no package
"""Measure the administration with many accounts: how long pages and API take, and an import.

Method: `--domains` domains with `--mailboxes` mailboxes in all are written into the lab's database, one in ten with an
alias. Then `--clients` clients, each with a session of its own, ask through the virtual IP for `--seconds` each: a page
or an answer of the API, chosen at random, then a pause, so that each asks once a second; that is what twenty people do
who never look at what they got. Times are the clients', from the request to the last byte, over connections that stay
open. Then a table of `--import` new mailboxes with passwords is brought in by `relevo mailbox import`. Prints JSON, and
takes all of it away again. Needs an idle lab.

    python bench/size.py --file .lab/relevo.toml --mailboxes 100000 --domains 200 --clients 20 --seconds 60
"""

from __future__ import annotations

import argparse
import json
import random
import re
import secrets as drawn
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

from relevo.cluster.wires import RELEVO_PYTHON
from relevo.drills.outside import lab_world
from relevo.drills.vocabulary import World

_FILL = """
import json, sys
from relevo import directory
directory.start()
from django.db import transaction
from relevo.directory.models import Alias, AliasTarget, Domain, Mailbox
told = json.load(sys.stdin)
def domain(number):
    return f"size{number:04}.example"
if told["fill"]:
    Domain.objects.bulk_create(
        Domain(name=domain(n), at_name="@" + domain(n)) for n in range(told["domains"])
    )
    at = {each.name: each.pk for each in Domain.objects.filter(name__startswith="size")}
    for first in range(0, told["mailboxes"], 1000):
        boxes, aliases = [], []
        for n in range(first, min(first + 1000, told["mailboxes"])):
            name = domain(n % told["domains"])
            boxes.append(Mailbox(domain_id=at[name], local_part=f"user{n:06}", address=f"user{n:06}@{name}",
                                 password="{PLAIN}never", name=f"Persona {n}", quota_mb=1024))
            if n % 10 == 0:
                aliases.append(Alias(domain_id=at[name], address=f"alias{n:06}@{name}"))
        Mailbox.objects.bulk_create(boxes)
        Alias.objects.bulk_create(aliases)
        made = Alias.objects.filter(address__in=[each.address for each in aliases])
        AliasTarget.objects.bulk_create(
            AliasTarget(alias_id=each.pk, target=each.address.replace("alias", "user", 1)) for each in made
        )
else:
    for model in (AliasTarget, Alias, Mailbox):
        key = "alias__domain__name__startswith" if model is AliasTarget else "domain__name__startswith"
        while keys := list(model.objects.filter(**{key: "size"}).values_list("pk", flat=True)[:1000]):
            model.objects.filter(pk__in=keys).delete()
    Domain.objects.filter(name__startswith="size").delete()
"""
_FILL_SECONDS = 900
_PAGES = {
    "list of mailboxes": "/admin/directory/mailbox/",
    "list of mailboxes, a page far down": "/admin/directory/mailbox/?p={page}",
    "search among mailboxes": "/admin/directory/mailbox/?q=user{number:06}",
    "list of domains": "/admin/directory/domain/",
    "list of aliases": "/admin/directory/alias/",
    "one mailbox": "/admin/directory/mailbox/?q=user{number:06}@size{domain:04}.example",
    "API: mailboxes": "/api/v1/mailboxes?domain=size{domain:04}.example",
    "API: one mailbox": "/api/v1/mailboxes/user{number:06}@size{domain:04}.example",
    "API: search": "/api/v1/mailboxes?search=user{number:06}",
}
_PAUSE_SECONDS = 1.0


@dataclass
class Client:
    """Somebody who is logged in on the web and has a token for the API."""

    world: World
    token: str = field(repr=False)
    cookie: str = ""

    def __post_init__(self) -> None:
        self._line = HTTPSConnection(self.world.cluster.vip, timeout=30, context=self.world.tls())

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, list[str], str]:
        """Return status, cookies and text of an answer."""
        headers = {"Host": self.world.cluster.hostname, "Referer": f"https://{self.world.cluster.hostname}{path}"}
        if path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        return answer.status, answer.headers.get_all("Set-Cookie") or [], answer.read().decode()

    def log_in(self, address: str, password: str) -> None:
        """Log in by the form, as a browser does."""
        _, cookies, page = self.ask("GET", "/admin/login/")
        self.cookie = "; ".join(each.partition(";")[0] for each in cookies)
        sent = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"csrfmiddlewaretoken": sent[1] if sent else "", "username": address, "password": password}
        status, cookies, _ = self.ask("POST", "/admin/login/", urlencode(form))
        if status != 302:  # noqa: PLR2004 - RFC 9110: found
            sys.exit(f"the login was answered with {status}")
        self.cookie = "; ".join([self.cookie, *(each.partition(";")[0] for each in cookies)])


def main() -> int:
    """Measure once and print the result."""
    options = _options()
    with (
        lab_world(options.file) as world, _filled(world, options) as seconds,
        _administrator(world) as (address, password, token),
    ):
        clients = [Client(world, token) for _ in range(options.clients)]
        for client in clients:
            client.log_in(address, password)
        result = {
            "mailboxes": options.mailboxes, "domains": options.domains, "clients": options.clients,
            "filled_seconds": seconds, "answers": _asked(clients, options),
            "import": _imported(world, options.brought) if options.brought else None,
        }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


@contextmanager
def _filled(world: World, options: argparse.Namespace) -> Iterator[float]:
    """Have the accounts there; yield how long it took to write them."""
    began = time.monotonic()
    told = {"domains": options.domains, "mailboxes": options.mailboxes}
    try:
        _script(world, {**told, "fill": True})
        yield round(time.monotonic() - began, 1)
    finally:
        _script(world, {**told, "fill": False})


def _script(world: World, told: dict[str, object]) -> None:
    world.active.run(RELEVO_PYTHON, "-c", _FILL, stdin=json.dumps(told), within=_FILL_SECONDS)


@contextmanager
def _administrator(world: World) -> Iterator[tuple[str, str, str]]:
    """Yield address, password and token of a global administrator."""
    address, password = f"bench@{world.cluster.domain}", drawn.token_urlsafe(18)
    try:
        world.relevo(["admin", "add", address, "--global", "--password-stdin"], password + "\n")
        made = world.relevo(["token", "add", address, "--name", "bench", "--scope", "mailboxes:read", "--days", "1"])
        yield address, password, made.split()[-1]
    finally:
        world.relevo(["admin", "remove", "--yes", "--last", address])


def _asked(clients: list[Client], options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Have all ask for a while; return how long each kind of question took, in milliseconds."""
    took: dict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()

    def be(client: Client) -> None:
        end = time.monotonic() + options.seconds
        due = time.monotonic() + random.uniform(0, _PAUSE_SECONDS)  # noqa: S311 - spreads the load
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))  # a person's pace, not a wait for something
            due += _PAUSE_SECONDS
            kind, path = random.choice(list(_PAGES.items()))  # noqa: S311 - no secret
            number = random.randrange(options.mailboxes)  # noqa: S311 - the same
            path = path.format(number=number, domain=number % options.domains, page=number // 200 + 1)
            began = time.monotonic()
            status, _, _ = client.ask("GET", path)
            if status != 200:  # noqa: PLR2004 - RFC 9110
                sys.exit(f"{path} was answered with {status}")
            with lock:
                took[kind].append((time.monotonic() - began) * 1000)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(be, clients))
    took["all"] = [each for kind in list(took.values()) for each in kind]
    return {kind: _summary(times) for kind, times in took.items()}


def _summary(times: list[float]) -> dict[str, float]:
    return {
        "count": len(times), "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1), "worst_ms": round(max(times), 1),
    }


def _imported(world: World, count: int) -> dict[str, float]:
    """Bring in a table of so many new mailboxes with passwords in plain; return how long it took, in seconds."""
    rows = (f"new{n:06}@size0000.example,{drawn.token_urlsafe(12)},Persona {n}" for n in range(count))
    table = "\n".join(["address,password,name", *rows]) + "\n"
    began = time.monotonic()
    world.active.run("relevo", "mailbox", "import", "-", stdin=table, within=_FILL_SECONDS)
    return {"mailboxes": count, "seconds": round(time.monotonic() - began, 1)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, default=Path(".lab/relevo.toml"))
    parser.add_argument("--mailboxes", type=int, default=100_000)
    parser.add_argument("--domains", type=int, default=200)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--import", dest="brought", type=int, default=10_000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
