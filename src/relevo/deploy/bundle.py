"""Relevo itself on a node: our code, and the Python wheels it needs, brought from the operator's machine.

A node never asks a package index: closed networks work like open ones. On a node:

    /opt/relevo/venvs/<digest of the wheels>/   a virtual environment
    /opt/relevo/code/<digest of the code>/      the package relevo
    /opt/relevo/current -> venvs/<digest>       what runs; a file relevo.pth in it names the code
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from platformdirs import user_cache_path

import relevo
from relevo.cluster.model import Node
from relevo.cluster.wires import RELEVO_ROOT
from relevo.deploy.shell import run
from relevo.deploy.ssh import Ssh

_PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
_SKIP = {"__pycache__"}
_downloading = threading.Lock()  # nodes are served side by side, and mostly want the same


@cache
def code_digest() -> str:
    """Return a digest of this very package: names and content of its files."""
    total = hashlib.sha256()
    for path in _code_files():
        total.update(f"{path.relative_to(_package())}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


@cache
def requirements() -> tuple[str, ...]:
    """Return `name==version` of all that Relevo needs, as installed here: nodes run what the operator runs."""
    found: dict[str, str] = {}
    _collect("relevo", found)
    found.pop("relevo", None)
    return tuple(sorted(f"{name}=={version}" for name, version in found.items()))


def wheels_digest(python: str, machine: str) -> str:
    """Return the digest that names the virtual environment for that Python (`3.13`) and machine (`x86_64`)."""
    return hashlib.sha256("\n".join([python, machine, *requirements()]).encode()).hexdigest()[:16]


def wheels(python: str, machine: str) -> Path:
    """Return the folder with the wheels for that Python, downloaded once into the user's cache."""
    folder = user_cache_path("relevo") / "wheels" / wheels_digest(python, machine)
    with _downloading:
        if not folder.exists():
            _download(python, machine, folder)
    return folder


def _download(python: str, machine: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    platforms = [word for name in _PLATFORMS for word in ("--platform", f"{name}_{machine}")]
    abi = f"cp{python.replace('.', '')}"
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--dest",
            str(new),
            "--python-version",
            python,
            "--implementation",
            "cp",
            "--abi",
            abi,
            "--abi",
            "abi3",
            "--abi",
            "none",
            "--only-binary=:all:",
            *platforms,
            *requirements(),
        ],
        within=600,
    )
    new.rename(folder)


def install(ssh: Ssh, node: Node, python: str, machine: str) -> None:
    """Bring code and wheels to a node where they are missing, and make them what runs there next."""
    venv, code = f"{RELEVO_ROOT}/venvs/{wheels_digest(python, machine)}", f"{RELEVO_ROOT}/code/{code_digest()}"
    have = ssh.run(
        node, ["sh", "-c", f"test -e {venv}/ready && echo venv; test -e {code}/ready && echo code; :"]
    ).split()
    if "venv" not in have:
        _send(
            ssh, node, f"{venv}.wheels", ((p.name, p.read_bytes()) for p in sorted(wheels(python, machine).iterdir()))
        )
        ssh.run(node, ["sh", "-ec", _MAKE_VENV.format(venv=venv)], within=300)
    if "code" not in have:
        package = _package().parent
        _send(ssh, node, code, ((str(p.relative_to(package)), p.read_bytes()) for p in _code_files()))
        ssh.run(node, ["sh", "-ec", f"{venv}/bin/python -m compileall -q {code} && touch {code}/ready"], within=120)


def interpreter(python: str, machine: str) -> str:
    """Return the path of the node's interpreter that `install` made."""
    return f"{RELEVO_ROOT}/venvs/{wheels_digest(python, machine)}/bin/python"


_MAKE_VENV = """\
umask 022
rm -rf {venv}
python3 -m venv {venv}
{venv}/bin/pip install --quiet --disable-pip-version-check --no-index --no-deps {venv}.wheels/*.whl
rm -rf {venv}.wheels
touch {venv}/ready
"""


def _send(ssh: Ssh, node: Node, folder: str, files: Iterable[tuple[str, bytes]]) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    command = ["sh", "-ec", f"umask 022; rm -rf {folder}; mkdir -p {folder}; tar -xf - --no-same-owner -C {folder}"]
    ssh.run(node, command, within=300, stdin=buffer.getvalue())


def _package() -> Path:
    return Path(str(relevo.__file__)).parent


def _code_files() -> list[Path]:
    return sorted(p for p in _package().rglob("*") if p.is_file() and not _SKIP & set(p.parts))


def _collect(name: str, found: dict[str, str]) -> None:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return  # wanted on another Python or system only
    found[name.lower().replace("_", "-")] = installed.version
    for text in requires(name) or ():
        need = Requirement(text)
        if need.name.lower().replace("_", "-") in found or (need.marker and not need.marker.evaluate({"extra": ""})):
            continue
        _collect(need.name, found)
