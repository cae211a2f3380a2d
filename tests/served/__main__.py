"""`python -m tests.served`: a whole site on loopback. It tells its port, then answers a question a line on stdin."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from relevo import directory

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.served.settings"
directory.start()

from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402 - Django must be started first
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from relevo.directory import install  # noqa: E402
from tests.served.stage import Stage, refusal  # noqa: E402

OUTAGE = 1.5  # seconds


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Served:
    """The site at a port that stays the same, also after an outage."""

    def __init__(self) -> None:
        self.port = 0
        self._start()

    def outage(self) -> None:
        """Be away for a moment, as in a failover; the sessions are in the database."""
        self._server.shutdown()
        self._server.server_close()
        time.sleep(OUTAGE)
        self._start()

    def _start(self) -> None:
        self._server = ThreadedWSGIServer(("127.0.0.1", self.port), Quiet)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._server.set_app(StaticFilesHandler(get_wsgi_application()))
        Thread(target=self._server.serve_forever, daemon=True).start()


def main() -> None:
    folder, questions, answers = Path(os.environ["RELEVO_SERVED_FOLDER"]), sys.stdin, sys.stdout
    with pytest.MonkeyPatch.context() as patch:
        stage = Stage(folder, patch)
        install.migrate()
        install.add_first_domain()
        install.ensure_postmaster()
        served = Served()
        print(json.dumps({"port": served.port}), file=answers, flush=True)
        for line in questions:
            print(json.dumps(_answer(stage, served, json.loads(line))), file=answers, flush=True)


def _answer(stage: Stage, served: Served, question: dict[str, Any]) -> object:
    if question["do"] == "outage":
        return served.outage()
    try:
        return stage.answer(question)
    except Exception as error:  # noqa: BLE001 - told to who has asked
        return refusal(error)


main()
