"""Lets Prometheus read the agent's figures over HTTP: `python -m relevo.agent.scrape [PORT]`, on loopback only.

A process of its own, so that the agent, which judges the machine, has no web server in it. It knows nothing and keeps
nothing: each request is a question to the agent's socket (`relevo.agent.ask`).
"""

from __future__ import annotations

import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from relevo.agent.ask import ask
from relevo.agent.settings import SOCKET_PATH

PORT = 9120  # wires.METRICS_PORT
_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_REQUEST_SECONDS = 10.0


class _Answer(BaseHTTPRequestHandler):
    """One request."""

    timeout = _REQUEST_SECONDS
    server_version, sys_version = "relevo", ""

    def __init__(self, path: str, *args: object) -> None:
        self._socket = path
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer `/metrics`."""
        if self.path != "/metrics":
            self._send(404, "only /metrics is here\n")
            return
        try:
            self._send(200, ask("metrics", self._socket))
        except OSError as error:
            self._send(503, f"the agent does not answer ({error.strerror or error})\n")

    def _send(self, code: int, text: str) -> None:
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", _FORMAT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Leave no line in the log for every few seconds."""


def server(port: int = PORT, path: str = SOCKET_PATH) -> ThreadingHTTPServer:
    """Return a server that listens on loopback and asks the agent at that socket; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Answer, path))


if __name__ == "__main__":
    server(int(sys.argv[1]) if len(sys.argv) > 1 else PORT).serve_forever()
