"""Converge the administration on the web: its user, its static files, its units and its room in nginx."""

from __future__ import annotations

import hashlib
import os
import pwd
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import relevo
from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.wires import NGINX_LOCATIONS, WEB_SOCKET, WEB_STATIC
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.web.health import answers
from relevo.services.web.render import profiles, read_by_the_unit, render, sockets, view
from relevo.services.web.settings import (
    FORGET_SOCKET_UNIT,
    PROFILE_SOCKET_UNIT,
    SOCKET_UNIT,
    UNIT,
    USER,
    VIEW_SOCKET_UNIT,
    VIEW_UNIT,
)

_LIBRARIES = (
    "Django", "django-ninja", "django-unfold", "gunicorn", "PyMySQL", "argon2-cffi", "cryptography", "segno",
    "webauthn",
)
_ROOMS = (  # whose code it runs
    "web", "directory", "queue", "trace", "lookup", "records", "operate", "agent", "locale", "profile",
)
_MADE_OF = Path(WEB_STATIC, ".made-of")
_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Converge the administration; nginx, which comes after it, takes its room up."""
    step(_("user {name}").format(name=USER), _user_wanting, _make_user)
    directory(NGINX_LOCATIONS)
    directory(WEB_STATIC)
    step(_("static files"), _static_wanting, _collect)
    config_tree(render(ctx))
    own = sockets(ctx)
    unit(FORGET_SOCKET_UNIT, files=own)
    unit(PROFILE_SOCKET_UNIT, files=profiles(ctx))
    seen = view(ctx)
    unit(VIEW_SOCKET_UNIT, files=seen[:1], start=partial(_open, VIEW_UNIT, VIEW_SOCKET_UNIT))
    unit(VIEW_UNIT, files=(*seen, File("code of view", _digest("agent"))))
    unit(SOCKET_UNIT, files=own[:1], start=partial(_open, UNIT, SOCKET_UNIT))
    unit(UNIT, files=(*read_by_the_unit(ctx), _code()), ready=lambda: _ready(ctx.cluster.hostname))


def _user_wanting() -> str | None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return _("a system user without a home or a login")
    return None


def _make_user() -> None:
    run([
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
        "--shell", "/usr/sbin/nologin", "--comment", "Relevo administration on the web", USER,
    ])


def _static_wanting() -> str | None:
    have = _MADE_OF.read_text() if _MADE_OF.exists() else ""
    return None if have == _digest("web/static") else _("collect scripts, styles and fonts")


def _collect() -> None:
    """Collect them beside what an older version has there: its pages may still be open."""
    settings = {"DJANGO_SETTINGS_MODULE": "relevo.web.building", "RELEVO_STATIC_ROOT": WEB_STATIC}
    command = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    run(command, env={**os.environ, **settings}, within=120)
    for path in (Path(WEB_STATIC), *Path(WEB_STATIC).rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # nginx and the application read them
    _MADE_OF.write_text(_digest("web/static"))


def _open(service: str, socket: str, verb: str) -> None:
    """Start a socket; systemd opens none anew while its service holds it."""
    run(["systemctl", "stop", service])
    run(["systemctl", verb, socket])


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed."""
    return File("code of web", "".join(_digest(room) for room in _ROOMS))


def _digest(room: str) -> str:
    """Return a digest of a folder of ours, and of the libraries that go with it."""
    folder = Path(str(relevo.__file__)).parent / room
    total = hashlib.sha256(" ".join(f"{name}={version(name)}" for name in _LIBRARIES).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        total.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _ready(hostname: str) -> None:
    def alive() -> bool:
        try:
            return bool(answers(WEB_SOCKET, hostname, Deadline(5)))
        except ProbeFailed:
            return False

    what = _("the administration to answer at {socket}").format(socket=WEB_SOCKET)
    wait_until(alive, within=_READY_SECONDS, what=what)
