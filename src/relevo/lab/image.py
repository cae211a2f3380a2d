"""The image that all machines of a lab share: Debian with every package that they need and nothing enabled.

It is built once for a suite of Debian, a list of packages and a recipe, kept under CACHE by their digest, and never
changed: it is the lower layer of every machine's disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from relevo.deploy.identities import as_files
from relevo.deploy.shell import run
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab import mirror
from relevo.lab.packages import SUITE
from relevo.services.base import template

CACHE = Path("/var/cache/relevo/images")
_BUILDING, _DOOMED = ".building-", ".deleted-"  # how the names of unfinished images begin
_BUILD_SECONDS = 1800
_UNUSED_DAYS = 30
# Answers to what packages would ask: Postfix and Roundcube must not configure themselves.
_ANSWERS = """\
postfix postfix/main_mailer_type select No configuration
roundcube-core roundcube/dbconfig-install boolean false
"""
_OPTIONS = (
    "--mode=root", "--variant=minbase", '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
)
# What a package starts and forgets while it is installed (gpg-agent, for one) ends with the build.
_OWN_PROCESSES = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def image_path(packages: Sequence[str], suite: str = SUITE) -> Path:
    """Return where the image of these packages is, or would be; its name begins with the suite's."""
    recipe = "\n".join((suite, *packages, *_OPTIONS, _ANSWERS, *as_files().values(), _finish()))
    return CACHE / f"{suite}-{sha256(recipe.encode()).hexdigest()[:16]}"


def ensure_image(packages: Sequence[str], say: Callable[[str], None], suite: str = SUITE) -> Path:
    """Return the image of these packages, built now if there is none; takes minutes then, and the network."""
    path = image_path(packages, suite)
    if not path.is_dir():
        with _alone(say):
            clear_away()
            if not path.is_dir():
                text = _("building the image of the machines ({suite}, {count} packages and what they need), once")
                say(text.format(suite=suite, count=len(packages)))
                _build(path, packages, suite)
    os.utime(path)
    return path


def suite_of(image: Path) -> str:
    """Return the suite of an image, from its name."""
    return image.name.partition("-")[0]


def remove_image(path: Path) -> None:
    """Delete an image; raise LabError while another lab's machines stand on it."""
    if _is_mounted(path):
        text = _("another lab on this computer uses the image {path}: end it first, with `relevo lab down`")
        raise LabError(text.format(path=path))
    _delete(path)


@contextmanager
def _alone(say: Callable[[str], None]) -> Iterator[None]:
    """Let one build at a time into the cache; another lab may be building the very image that we want."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(_("waiting for another lab that is building its image"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def clear_away() -> None:
    """Delete what a broken build left, and images that no lab has used for a while; the lock is held."""
    too_old = time.time() - _UNUSED_DAYS * 86400
    for folder in CACHE.iterdir():
        unused = folder.is_dir() and folder.stat().st_mtime < too_old and not _is_mounted(folder)
        if unused or folder.name.startswith((_BUILDING, _DOOMED)):
            _delete(folder)


def _is_mounted(path: Path) -> bool:
    return str(path) in Path("/proc/self/mounts").read_text(encoding="utf-8")


def _delete(path: Path) -> None:
    """Rename first, so that what is half deleted is never taken for an image."""
    doomed = path.with_name(f"{_DOOMED}{path.name}")
    with suppress(FileNotFoundError):
        path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _build(path: Path, packages: Sequence[str], suite: str) -> None:
    """Build under another name and rename, so that a broken build is never taken for an image."""
    with tempfile.TemporaryDirectory(prefix=_BUILDING, dir=CACHE) as work:
        root = Path(work, "root")
        _bootstrap(root, Path(work), packages, suite)
        root.chmod(0o755)
        root.rename(path)


def _bootstrap(root: Path, work: Path, packages: Sequence[str], suite: str) -> None:
    answers, finish, log = work / "answers", work / "finish-image", work.parent / "build.log"
    answers.write_text(_ANSWERS, encoding="utf-8")
    finish.write_text(_finish(), encoding="utf-8")
    for path, lines in as_files().items():
        (work / Path(path).name).write_text(lines, encoding="utf-8")
    hooks = (
        *(f'--essential-hook=cat "{work / Path(path).name}" >> "$1/{path}"' for path in as_files()),
        f'--essential-hook=chroot "$1" debconf-set-selections < "{answers}"',
        f'--customize-hook=chroot "$1" sh -s < "{finish}"',
    )
    command = [
        *_OWN_PROCESSES, "mmdebstrap", *_OPTIONS, f"--keyring={mirror.KEYRING}", f"--include={','.join(packages)}",
        *hooks, suite, str(root), *mirror.sources(suite),
    ]
    with log.open("wb") as out:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=_BUILD_SECONDS, check=False
        )
    if done.returncode:
        end = run(["tail", "-n", "15", str(log)])
        text = _("the image could not be built; the whole log is in {log}, which ends so:\n{end}")
        raise LabError(text.format(log=log, end=end))


def _finish() -> str:
    return template("relevo.lab", "finish-image.sh.j2")
