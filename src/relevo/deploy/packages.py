"""Debian packages of all services of a node, installed in one go before anything is configured."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pyinfra.context import host
from pyinfra.facts.deb import DebPackages

from relevo.deploy import identities
from relevo.deploy.operations import step
from relevo.deploy.shell import run
from relevo.i18n import _
from relevo.services import SERVICES
from relevo.services.base import Context

NAME = "packages"
_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_MODE": "a",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
}
# Answers to what packages would ask: Postfix and Roundcube must not configure themselves.
_ANSWERS = """\
postfix postfix/main_mailer_type select No configuration
roundcube-core roundcube/dbconfig-install boolean false
"""
_POLICY = Path("/usr/sbin/policy-rc.d")  # while it says 101, no package starts its daemon with a configuration not ours
_INSTALL_SECONDS = 1800


def wanted(ctx: Context) -> tuple[str, ...]:
    """Return the packages of every service of this node, sorted."""
    services = [service for service in SERVICES if service.runs_on(ctx.cluster, ctx.node)]
    return tuple(sorted({name for service in services for name in service.packages(ctx)}))


def deploy(ctx: Context) -> None:
    """Install what is missing; daemons don't start until their own service has configured them.

    Users and groups that must have equal numbers everywhere come first: a package would choose its own.
    """
    for one in identities.IDENTITIES:
        if one.is_wanted(ctx.node):
            text = _("user {name}") if one.kind == identities.USER else _("group {name}")
            step(text.format(name=one.name), partial(identities.needed, one), partial(run, identities.making(one)))
    names = wanted(ctx)

    def needed() -> str | None:
        have = host.get_fact(DebPackages)
        missing = [name for name in names if name not in have]
        return _("install {missing}").format(missing=", ".join(missing)) if missing else None

    step(_("install"), needed, lambda: _install(names))


def _install(names: tuple[str, ...]) -> None:
    run(["debconf-set-selections"], stdin=_ANSWERS, within=30)
    ours = not _POLICY.exists()
    if ours:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        run(["apt-get", "-q", "update"], within=300, env=_ENVIRONMENT)
        run(
            [
                "apt-get",
                "-q",
                "-y",
                "--no-install-recommends",
                "-o",
                "Dpkg::Options::=--force-confold",
                "install",
                *names,
            ],
            within=_INSTALL_SECONDS,
            env=_ENVIRONMENT,
        )
    finally:
        if ours:
            _POLICY.unlink(missing_ok=True)
