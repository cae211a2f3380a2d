"""The image that all machines of a lab share: Debian with every package that they need and nothing enabled.

It is built once for a list of packages and a recipe, kept under CACHE by their digest, and never changed: it is the
lower layer of every machine's disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from relevo.deploy.shell import run
from relevo.errors import LabError
from relevo.lab import mirror
from relevo.lab.packages import SUITE
from relevo.services.base import template

CACHE = Path("/var/cache/relevo/images")
_BUILD_SECONDS = 1800
# Answers to what packages would ask: Postfix and Roundcube must not configure themselves.
_ANSWERS = """\
postfix postfix/main_mailer_type select No configuration
roundcube-core roundcube/dbconfig-install boolean false
"""
_OPTIONS = (
    "--mode=root", "--variant=minbase", "--aptopt=APT::Install-Recommends \"false\"",
    "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
)


def image_path(packages: Sequence[str]) -> Path:
    """Return where the image of these packages is, or would be."""
    recipe = "\n".join((SUITE, *packages, *_OPTIONS, _ANSWERS, _finish()))
    return CACHE / f"{SUITE}-{sha256(recipe.encode()).hexdigest()[:16]}"


def ensure_image(packages: Sequence[str], say: Callable[[str], None]) -> Path:
    """Return the image of these packages, built now if there is none; takes minutes then, and the network."""
    path = image_path(packages)
    if not path.is_dir():
        say(f"building the image of the machines ({len(packages)} packages and what they need), once")
        _build(path, packages)
    os.utime(path)
    return path


def remove_image(path: Path) -> None:
    """Delete an image; raise LabError while another lab's machines stand on it."""
    if str(path) in Path("/proc/self/mounts").read_text(encoding="utf-8"):
        raise LabError(f"another lab on this computer uses the image {path}: end that one first, with `relevo lab down`")
    doomed = path.with_name(f".old-{path.name}")
    if path.is_dir():
        path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _build(path: Path, packages: Sequence[str]) -> None:
    """Build under another name and rename, so that a broken build is never taken for an image."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=CACHE) as work:
        root = Path(work, "root")
        _bootstrap(root, Path(work), packages)
        root.chmod(0o755)
        root.rename(path)


def _bootstrap(root: Path, work: Path, packages: Sequence[str]) -> None:
    answers, finish, log = work / "answers", work / "finish-image", work.parent / "build.log"
    answers.write_text(_ANSWERS, encoding="utf-8")
    finish.write_text(_finish(), encoding="utf-8")
    hooks = (
        f'--essential-hook=chroot "$1" debconf-set-selections < "{answers}"',
        f'--customize-hook=chroot "$1" sh -s < "{finish}"',
    )
    command = ["mmdebstrap", *_OPTIONS, f"--keyring={mirror.KEYRING}", f"--include={','.join(packages)}", *hooks,
               SUITE, str(root), *mirror.sources(SUITE)]
    with log.open("wb") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=_BUILD_SECONDS, check=False)
    if done.returncode:
        end = run(["tail", "-n", "15", str(log)])
        raise LabError(f"the image could not be built; the whole log is in {log}, which ends so:\n{end}")


def _finish() -> str:
    return template("relevo.lab", "finish-image.sh.j2")
