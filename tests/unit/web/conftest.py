"""The site as a browser meets it, on the installed platform of the directory's tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from relevo.errors import RelevoError
from relevo.trace.subjects import digest, key_of
from tests.unit.directory.conftest import cheap, dkim_pem, image, installed, laid_down, rolled_back  # noqa: F401 - fixtures
from tests.unit.directory.lookups import Names
from tests.unit.directory.whole_view import flows, whole
from tests.unit.held.memory import MemoryBox
from tests.unit.held.memory import stored as stored_post
from tests.unit.quarantine.memory import MemoryStore, stored
from tests.unit.queue.memory import Platform, message
from tests.unit.trace.nodes import DOMAIN, Nodes, lines, subjected

from relevo.directory import administrators, aliases, domains, hooks, lists, mailboxes, sender_rules, shared, tokens  # isort: skip - Django is started above
from relevo.directory.dkim import keys  # isort: skip - the same
from relevo.directory.models import Administrator, DistributionList  # isort: skip - the same

STRONG = "unrelated-words-9"


@pytest.fixture
def platform(request, installed, dkim_pem) -> Iterator[None]:  # noqa: F811 - the fixtures
    """The installed platform, or that with people, as it was for the next test; hashes and keys that cost nothing."""
    wanted = request.getfixturevalue("peopled") if "people" in request.fixturenames else installed
    with cheap(dkim_pem), laid_down(wanted, installed), rolled_back():
        yield


@pytest.fixture(scope="session")
def peopled(installed, dkim_pem) -> bytes:  # noqa: F811 - the fixtures
    """Two domains with something in each, a global administrator and one of the second domain; an image of it."""
    with cheap(dkim_pem), laid_down(installed, installed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "flush", lambda _address, **_how: None)  # what is committed is told to Dovecot
        _move_in()
        return image()


def _move_in() -> None:
    domains.add("second.example")
    for domain in ("example.org", "second.example"):
        mailboxes.add(f"ana@{domain}", STRONG, name="Ana")
        mailboxes.add(f"luis@{domain}", STRONG)
        aliases.add(f"info@{domain}", [f"ana@{domain}"])
        lists.add(f"all@{domain}", [f"ana@{domain}"])
        shared.add(f"sales@{domain}", readers=[f"ana@{domain}"], writers=[f"luis@{domain}"], senders=[f"luis@{domain}"])
    administrators.add("root@elsewhere.example", STRONG, role="global")
    administrators.add("helper@elsewhere.example", STRONG, domains=["second.example"])


@pytest.fixture
def people(platform) -> dict[str, Administrator]:
    """Return the administrators of a platform with people."""
    return {
        "global": administrators.find("root@elsewhere.example"),
        "domain": administrators.find("helper@elsewhere.example"),
    }


@pytest.fixture
def visit(people) -> Callable[[str], Client]:
    """Return a browser in which an administrator is logged in (`global`, `domain`), or nobody (empty)."""

    def browser(role: str = "", language: str = "en") -> Client:
        client = Client(
            HTTP_HOST="mail.example.org", HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="192.0.2.7",
            HTTP_ACCEPT_LANGUAGE=language,
        )
        if role:
            client.force_login(people[role])
        return client

    return browser


@pytest.fixture
def queues(people, monkeypatch) -> Platform:
    """The mail queues of both nodes, with a message from and to each domain."""
    made = Platform()
    for queue, domain, number in ((made.mail01, "example.org", "1"), (made.mail02, "second.example", "2")):
        refused = "connect to 192.0.2.9:25: Connection refused"
        outgoing = message(f"AAAAA{number}", f"ana@{domain}", "x@elsewhere.example", reason=refused)
        incoming = message(f"BBBBB{number}", "y@elsewhere.example", f"luis@{domain}", state="hold")
        queue.messages = {one["queue_id"]: one for one in (outgoing, incoming)}
    monkeypatch.setattr("relevo.queue.ask.ask", made.ask)
    return made


class Agents:
    """What the agent and who counts mail say; `window` is the whole view with its age, as it is shown to the web."""

    def __init__(self) -> None:
        self.window: dict[str, Any] = {"view": whole(), "age": 0.2, "error": ""}
        self.flows = flows()
        self.silent = ""  # why nobody shows the view

    def look(self, _path: str = "") -> dict[str, Any]:
        if self.silent:
            raise RelevoError(self.silent)
        return json.loads(json.dumps(self.window))


@pytest.fixture
def agents(queues, monkeypatch) -> Agents:
    """The agents of a platform that is well, and its queues."""
    made = Agents()

    def ask(question: Mapping[str, object], path: str = "", within: float = 0) -> dict[str, Any]:
        return {"flows": made.flows} if question["do"] == "flow" else queues.ask(question, path, within)

    monkeypatch.setattr("relevo.directory.status.asking._look", made.look)
    monkeypatch.setattr("relevo.queue.ask.ask", ask)
    return made


@pytest.fixture
def names(people, monkeypatch) -> Names:
    """Name servers that show the new key of the second domain, and nothing else."""
    made = Names()
    made.publish(keys.listing().get())
    monkeypatch.setattr("relevo.lookup.ask.ask", made.ask)
    return made


@pytest.fixture
def senders(people) -> None:
    """What is said of a sender for all, for each domain, and for a mailbox in each."""
    for recipient in ("*", "example.org", "second.example", "ana@example.org", "ana@second.example"):
        sender_rules.say("block", "casino.example", recipient)


@pytest.fixture
def traces(queues, tmp_path) -> Nodes:
    """The journals of both nodes: real lines, in which mia's mailbox and luis' are in the second domain."""
    made = Nodes(tmp_path)
    for node in ("mail01", "mail02"):
        here = [
            subjected(line, "m1.trixie@elsewhere.example", digest("Oferta de chocolates", key_of(settings.SECRET_KEY)))
            for line in lines("debian-13") if (line.program == "dovecot") is (node == "mail02")
        ]
        made.write(node, (line._replace(text=_moved(line.text)) for line in here))
    queues.indexes = made.paths
    return made


def _moved(text: str) -> str:
    """Return a line as the tests' domains would have it."""
    for name in ("mia", "luis"):
        text = text.replace(f"{name}@{DOMAIN}", f"{name}@second.example")
    return text.replace(DOMAIN, "example.org")


@pytest.fixture(autouse=True)
def kept(request, monkeypatch) -> MemoryStore:
    """The quarantine, with a copy for somebody of each domain and one for both, where there are people."""
    made = MemoryStore()
    if "people" in request.fixturenames:
        request.getfixturevalue("people")
        made.add(stored("First0000001", "ana@example.org", subject="For the first"))
        made.add(stored("Second000002", "ana@second.example", subject="For the second"))
        made.add(stored("Both00000003", "luis@example.org", "luis@second.example", subject="For both"))
    made.take_the_place(monkeypatch)
    return made


@pytest.fixture(autouse=True)
def waiting(request, monkeypatch) -> MemoryBox:
    """The mailbox of posts that wait, with one to the list of each domain, where there are people."""
    made = MemoryBox()
    if "people" in request.fixturenames:
        request.getfixturevalue("people")
        for queued, domain in (("First1", "example.org"), ("Second2", "second.example")):
            key = DistributionList.objects.get(address=f"all@{domain}").pk
            made.add(stored_post(queued, key, subject=f"To {domain}"))
    made.take_the_place(monkeypatch)
    return made


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


@pytest.fixture
def secret_of(people) -> Callable[..., str]:
    """Return a token of an administrator (`global`, `domain`); with all scopes, or those that are said."""

    def make(role: str, *scopes: str, days: int = 1) -> str:
        address = people[role].address
        return tokens.add(address, "a test", scopes=scopes or tokens.offered(people[role]), days=days).plain

    return make


Call = Callable[..., HttpResponse]


@pytest.fixture
def program(visit, secret_of) -> Callable[..., Call]:
    """Return what a program calls the API with: `program("global")("GET", "domains", If_Match="*")`."""

    def make(role: str = "", *scopes: str, plain: str = "", language: str = "en") -> Call:
        client = visit(language=language)
        token = plain or (secret_of(role, *scopes) if role else "")

        def call(method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            if token:
                given.setdefault("Authorization", f"Bearer {token}")
            text = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
            where = path if path.startswith("/") else f"/api/v1/{path}"
            return client.generic(method, where, text, "application/json", headers=given)

        return call

    return make


@pytest.fixture
def settings_of():
    """Change settings for a while."""
    from django.test import override_settings  # noqa: PLC0415 - a started Django

    return override_settings
