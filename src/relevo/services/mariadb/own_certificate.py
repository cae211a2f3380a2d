"""A certificate of the server's own, where MariaDB makes none by itself (it does since 11.4).

Accounts that come by TCP must be encrypted, so a server without a certificate would refuse them. Like the one that
MariaDB makes it is signed by nobody: it hides what is said, and clients of that age don't check whom they speak to.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from relevo.deploy.shell import run
from relevo.i18n import _
from relevo.services.base import Context

FOLDER = "/etc/mysql/relevo"
KEY, CERTIFICATE = f"{FOLDER}/key.pem", f"{FOLDER}/certificate.pem"
_MAKES_ITS_OWN = (11, 4)
_DAYS = "3650"
_USER = "mysql"


def wanted(ctx: Context) -> bool:
    """Tell whether this machine's MariaDB is one that makes none."""
    return tuple(map(int, ctx.facts.release.programs.mariadb.split("."))) < _MAKES_ITS_OWN


def needed() -> str | None:
    """Say whether it is to be made."""
    return None if Path(KEY).exists() and Path(CERTIFICATE).exists() else _("make one")


def make() -> None:
    """Make key and certificate; the key only the server reads."""
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as work:
        key, certificate = Path(work, "key.pem"), Path(work, "certificate.pem")
        run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=MariaDB", "-days", _DAYS, "-keyout", str(key), "-out", str(certificate),
        ])
        key.chmod(0o600)
        certificate.chmod(0o644)
        shutil.chown(key, _USER, _USER)
        certificate.replace(CERTIFICATE)
        key.replace(KEY)
