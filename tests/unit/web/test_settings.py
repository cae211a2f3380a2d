"""The settings of a node, and those with which static files are collected, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from relevo.services.web.render import render
from relevo.services.web.settings import CONFIG


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *code.split(" ")] if code.startswith("-m") else [sys.executable, "-c", code],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_application_starts_with_what_a_node_tells_it(context, tmp_path: Path):
    told = next(file for file in render(context("mail01")) if file.path == CONFIG)
    (tmp_path / "web.json").write_bytes(told.data)
    code = (
        "from relevo.web.wsgi import application; from django.conf import settings as s; import json; "
        "print(json.dumps([s.SECRET_KEY, s.ALLOWED_HOSTS, s.DATABASES['default']['USER'], s.DEBUG, s.LANGUAGE_CODE]))"
    )
    said = run(code, CREDENTIALS_DIRECTORY=str(tmp_path), DJANGO_SETTINGS_MODULE="relevo.web.settings")
    hostname = context("mail01").cluster.hostname
    assert json.loads(said) == ["secret-django-key", [hostname], "web", False, "es"]


def test_static_files_are_collected_with_their_digests_and_ours_take_unfolds_place(tmp_path: Path):
    run(
        "-m django collectstatic --no-input --verbosity 0",
        RELEVO_STATIC_ROOT=str(tmp_path), DJANGO_SETTINGS_MODULE="relevo.web.building",
    )
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert {"relevo/page.js", "relevo/relevo.css", "unfold/css/styles.css"} <= names.keys()
    assert all((tmp_path / name).is_file() for name in names.values())
    alpine = (tmp_path / "unfold/js/alpine/alpine.js").read_text()
    assert 'version:"3.17.4"' in alpine
    assert "new Function" not in alpine
    assert "AsyncFunction" not in alpine
