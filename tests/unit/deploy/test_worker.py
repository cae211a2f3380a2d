"""The worker speaks the language of the operator, who is on another machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from relevo.deploy.connection import Opening
from relevo.deploy.events import FAILED, Event


@pytest.mark.parametrize(("language", "said"), [
    ("en", "/etc/relevo/relevo.toml: this is not TOML"), ("es", "/etc/relevo/relevo.toml: esto no es TOML"),
])
def test_what_goes_wrong_there_is_told_in_the_operators_language(language: str, said: str):
    opening = Opening("mail01", "[", "", "ana@laptop", "test", language)
    done = subprocess.run(
        [sys.executable, "-m", "relevo.deploy.worker"], input=opening.to_json() + "\n", capture_output=True, text=True,
        check=False, env=os.environ | {"LC_ALL": "C.UTF-8", "LANGUAGE": ""},
    )
    (event,) = map(Event.from_json, done.stdout.splitlines())
    assert (done.returncode, event.kind) == (1, FAILED)
    assert event.detail.startswith(said)
