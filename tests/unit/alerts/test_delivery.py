"""A way that fails is tried again, each by itself; and what the listener says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from relevo.alerts import delivery as deliveries
from relevo.alerts.ask import ask
from relevo.alerts.delivery import Delivery
from relevo.alerts.message import Message
from relevo.alerts.server import Notifier, server
from relevo.alerts.ways import Way
from tests.unit.alerts.payloads import alert, payload

ONE, OTHER = Way(1, "json", "json://x/secret"), Way(4, "mailto", "mailto://secret")


def until(true: Callable[[], bool], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


class Fake:
    """Fails as often as it is told, then takes everything."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.tries, self.got = failures, 0, []

    def __call__(self, _: Way, message: Message) -> str:
        self.tries += 1
        if self.tries <= self.failures:
            return "no connection"
        self.got.append(message.title)
        return ""


@contextmanager
def started(send, **times: float) -> Iterator[Delivery]:
    one = Delivery(ONE, send, **times)
    try:
        yield one
    finally:
        one.close()


def said(title: str) -> Message:
    return Message(title, "text", "warning")


def test_what_fails_is_tried_again_in_its_order():
    fake = Fake(failures=3)
    with started(fake, pause=0.01) as way:
        for title in ("a", "b", "c"):
            way.put(said(title))
        until(lambda: fake.got == ["a", "b", "c"])
        assert fake.tries == 6
        assert way.state().works
        assert way.state().waiting == 0


def test_the_pauses_grow():
    fake = Fake(failures=4)
    with started(fake, pause=0.05) as way:
        began = time.monotonic()
        way.put(said("a"))
        until(lambda: fake.got == ["a"])
        assert time.monotonic() - began >= 0.05 + 0.1 + 0.2 + 0.4


def test_after_an_hour_a_message_is_given_up(caplog: pytest.LogCaptureFixture):
    fake = Fake(failures=10**6)
    with started(fake, pause=0.01, within=0.2) as way:
        way.put(said("a"))
        until(lambda: way.state().given_up == 1)
        assert way.state().waiting == 0
    assert "given up" in caplog.text
    assert "secret" not in caplog.text
    assert (deliveries.GIVE_UP_SECONDS, deliveries.LONGEST_PAUSE_SECONDS) == (3600, 600)


def test_a_flood_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    with started(Fake(failures=10**6), pause=60) as way:
        for number in range(10):
            way.put(said(str(number)))
        assert way.state().waiting == 3


def test_a_way_that_fails_for_long_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "ILL_SECONDS", 0.0)
    fake = Fake(failures=1)
    with started(fake, pause=0.2) as way:
        way.put(said("a"))
        until(lambda: not way.state().works)
        assert way.state().why == "no connection"
        until(lambda: way.state().works)


class Both:
    """One way that hangs and one that works."""

    def __init__(self) -> None:
        self.free, self.got = threading.Event(), []

    def __call__(self, way: Way, message: Message) -> str:
        if way is ONE:
            self.free.wait(20)
            return "no connection"
        self.got.append(message)
        return ""


@contextmanager
def listening(send) -> Iterator[int]:
    notifier = Notifier("parati", [ONE, OTHER], send)
    listener = server(0, notifier)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield listener.server_port
    finally:
        listener.shutdown()
        listener.server_close()
        notifier.close()


def request(port: int, method: str, path: str, body: str | bytes | None = None) -> tuple[int, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    line.request(method, path, body)
    answer = line.getresponse()
    return answer.status, answer.read().decode()


def test_a_way_that_hangs_holds_up_no_other():
    both = Both()
    with listening(both) as port:
        assert request(port, "POST", "/alerts", json.dumps(payload(alert("A")))) == (200, "taken\n")
        until(lambda: bool(both.got))
        both.free.set()
    assert both.got[0].title == "Relevo parati: A on mail02"


@pytest.mark.parametrize(("method", "path", "body", "code"), [
    ("POST", "/alerts", "no json", 400), ("POST", "/alerts", "{}", 400), ("POST", "/alerts", "[1]", 400),
    ("POST", "/alerts", b"\xff\xfe", 400), ("POST", "/", "{}", 404), ("GET", "/", None, 404),
    ("GET", "/health", None, 200),
])
def test_the_listener_bears_nonsense(method, path, body, code):
    with listening(Fake()) as port:
        assert request(port, method, path, body)[0] == code


def test_too_much_is_not_read():
    with listening(Fake()) as port:
        line = HTTPConnection("127.0.0.1", port, timeout=10)
        line.putrequest("POST", "/alerts")
        line.putheader("Content-Length", str(1 << 30))
        line.endheaders()
        assert line.getresponse().status == 413


def test_a_test_tells_of_every_way_whether_it_got_through():
    with listening(lambda way, _: "" if way is ONE else "no connection") as port:
        told = json.loads(ask("test", port))
        assert [(one["line"], one["scheme"], one["works"], one["why"]) for one in told] == [
            (1, "json", True, ""), (4, "mailto", False, "no connection"),
        ]
        assert "secret" not in json.dumps(told) + ask("state", port)


def test_health_names_the_way_that_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "ILL_SECONDS", 0.0)
    with listening(lambda way, _: "" if way is ONE else "no connection") as port:
        request(port, "POST", "/alerts", json.dumps(payload(alert("A"))))
        until(lambda: request(port, "GET", "/health")[0] == 503)
        assert request(port, "GET", "/health")[1] == "line 4 (mailto): no connection\n"
