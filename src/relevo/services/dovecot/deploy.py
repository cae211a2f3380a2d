"""Converge the mailboxes' server on a mail node."""

from __future__ import annotations

from pathlib import Path

from relevo.cluster import wires
from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.dovecot.health import greets
from relevo.services.dovecot.render import render
from relevo.services.dovecot.settings import SPAM_SCRIPT, UNIT, VOLATILE_DIRECTORY

_WHOLE = ("doveconf", "-n")  # with the file that it includes
_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Place and compile; start again when something changed, and see that it answers and that accounts are found."""
    files = render(ctx)
    config_tree(files, checks=(_WHOLE,))
    step(_("sieve script"), _script_is_old, lambda: run(["sievec", SPAM_SCRIPT]))
    step(VOLATILE_DIRECTORY, _place_is_missing, lambda: run(["systemd-tmpfiles", "--create", "relevo-dovecot.conf"]))
    unit(UNIT, files=(*files, *_certificate(ctx)), ready=_wait, within=60)


def _certificate(ctx: Context) -> tuple[File, ...]:
    """Return what else a restart is due for."""
    names = {wires.TLS_CERTIFICATE: "tls_certificate", wires.TLS_KEY: "tls_key"}
    return tuple(File(path, ctx.secrets.reveal(name), secret=True) for path, name in names.items())


def _script_is_old() -> str | None:
    """Compare the script with its compiled form, which Dovecot's processes could not write themselves."""
    source, compiled = Path(SPAM_SCRIPT), Path(SPAM_SCRIPT).with_suffix(".svbin")
    fresh = source.exists() and compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns
    return None if fresh else _("compile")


def _place_is_missing() -> str | None:
    there = all(Path(path).exists() for path in (VOLATILE_DIRECTORY, wires.SHARING_RIGHTS, wires.SHARING_MAP))
    return None if there else _("make")


def _wait() -> None:
    for port in (143, 993, 110, 995, 4190):
        what = _("Dovecot on port {port}").format(port=port)
        wait_until(lambda port=port: greets(port), within=_READY_SECONDS, what=what)  # type: ignore[misc]
    wait_until(_finds_accounts, within=_READY_SECONDS, what=_("Dovecot's look-ups in the database"))


def _finds_accounts() -> bool:
    """Ask for a user that can't exist: "not found" (67, EX_NOUSER) means that the query worked."""
    run(["doveadm", "user", "nobody@invalid"], accept=(67,), within=20)
    return True
