"""The listener on loopback that Alertmanager gives its alerts to, and that `relevo notify test` asks.

    POST /alerts    Alertmanager's JSON, version 4; 200 as soon as every way has it in its queue
    POST /test      sends a test over every way now; JSON: a list of `line`, `scheme`, `works`, `why`, `seconds`
    GET /state      JSON: a list of `relevo.alerts.delivery.State`
    GET /health     200 when every way works, else 503; a line of text that says which does not

Whoever is on this machine may ask; nobody is told an address.
"""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from relevo.alerts.delivery import Delivery, Send
from relevo.alerts.message import message, trial_message
from relevo.alerts.ways import Way

log = logging.getLogger(__name__)
_MOST_BYTES = 4 << 20
_REQUEST_SECONDS = 10.0


class Notifier:
    """All ways of a cluster."""

    def __init__(self, cluster: str, ways: Sequence[Way], send: Send) -> None:
        """Take the cluster's name, the ways, and what sends over one."""
        self._cluster, self._ways, self._send = cluster, ways, send
        self._deliveries = [Delivery(way, send) for way in ways]

    def take(self, body: bytes) -> None:
        """Queue a message of Alertmanager for every way; raise ValueError when it is none."""
        found = message(json.loads(body), self._cluster)
        log.info("%s", found.title)
        for delivery in self._deliveries:
            delivery.put(found)

    def state(self) -> list[dict[str, object]]:
        """Return how every way is."""
        return [asdict(delivery.state()) for delivery in self._deliveries]

    def health(self) -> tuple[bool, str]:
        """Return whether every way works, and a word on it."""
        states = [delivery.state() for delivery in self._deliveries]
        ill = [f"line {state.line} ({state.scheme}): {state.why}" for state in states if not state.works]
        return not ill, "; ".join(ill) or (f"{len(states)} ways" if states else "nobody is told: no way is set")

    def test(self) -> list[dict[str, object]]:
        """Send a test over every way at once, and tell of each whether it got through."""
        said = trial_message(self._cluster, platform.node().partition(".")[0])

        def one(way: Way) -> dict[str, object]:
            began = time.monotonic()
            why = self._send(way, said)
            took = round(time.monotonic() - began, 1)
            return {"line": way.line, "scheme": way.scheme, "works": not why, "why": why, "seconds": took}

        with ThreadPoolExecutor(max_workers=max(len(self._ways), 1)) as pool:
            return list(pool.map(one, self._ways))

    def close(self) -> None:
        """End the ways' threads."""
        for delivery in self._deliveries:
            delivery.close()


class _Answer(BaseHTTPRequestHandler):
    """One request."""

    timeout = _REQUEST_SECONDS
    server_version, sys_version = "relevo", ""

    def __init__(self, notifier: Notifier, *args: object) -> None:
        self._notifier = notifier
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Tell how the ways are."""
        if self.path == "/health":
            well, text = self._notifier.health()
            self._send(200 if well else 503, f"{text}\n")
        elif self.path == "/state":
            self._send(200, json.dumps(self._notifier.state()) + "\n")
        else:
            self._send(404, "nothing is here\n")

    def do_POST(self) -> None:
        """Take alerts, or test."""
        body = self._body()
        if self.path == "/test":
            self._send(200, json.dumps(self._notifier.test()) + "\n")
        elif self.path != "/alerts":
            self._send(404, "nothing is here\n")
        elif body is None:
            self._send(413, "too long\n")
        else:
            try:
                self._notifier.take(body)
            except ValueError as error:
                self._send(400, f"{error}\n")
            else:
                self._send(200, "taken\n")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            return None
        return self.rfile.read(int(length))

    def _send(self, code: int, text: str) -> None:
        data = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Leave no line for each request."""


def server(port: int, notifier: Notifier) -> ThreadingHTTPServer:
    """Return the listener; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Answer, notifier))
