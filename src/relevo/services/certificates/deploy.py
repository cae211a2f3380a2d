"""Place the certificate, and have the machine trust the CA that signed it."""

from __future__ import annotations

import os
from pathlib import Path

from relevo.cluster.pki import certificate_problems
from relevo.cluster.wires import TLS_CA
from relevo.deploy.files import absent, config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import read_text, run
from relevo.errors import ConfigurationError
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.certificates.render import render
from relevo.services.certificates.settings import TRUST_BUNDLE, TRUST_FILE, TRUST_LINK, own_ca


def deploy(ctx: Context) -> None:
    """Converge certificate, key and trust; refuse a pair that clients would refuse."""
    _refuse_bad_pair(ctx)
    ca = own_ca(ctx)
    if not ca:
        absent(TRUST_FILE)
        step(TLS_CA, _public_needed, _trust_public)
    config_tree(render(ctx))
    step(_("trust store"), lambda: _trust_needed(ca), lambda: run(["update-ca-certificates", "--fresh"], within=120))


def _refuse_bad_pair(ctx: Context) -> None:
    problems = certificate_problems(
        ctx.secrets.reveal("tls_certificate"), ctx.secrets.reveal("tls_key"), ctx.cluster.hostname
    )
    if problems:
        raise ConfigurationError(_("the TLS certificate can't be used: {why}").format(why="; ".join(problems)))


def _trust_needed(ca: str) -> str | None:
    """Compare the bundle and the link with the CA that the machine should trust besides the public ones."""
    if ca:
        trusted = ca.strip() in (read_text(TRUST_BUNDLE) or "") and Path(TRUST_LINK).exists()
        return None if trusted else _("trust our CA")
    return _("forget our old CA") if os.path.lexists(TRUST_LINK) else None


def _public_needed() -> str | None:
    path = Path(TLS_CA)
    as_wanted = path.is_symlink() and str(path.readlink()) == TRUST_BUNDLE
    return None if as_wanted else _("link to {bundle}").format(bundle=TRUST_BUNDLE)


def _trust_public() -> None:
    """Let clients of ours trust the public CAs, as they are now and after each of their updates."""
    new = Path(f"{TLS_CA}.relevo-new")
    new.parent.mkdir(parents=True, exist_ok=True)
    new.unlink(missing_ok=True)
    new.symlink_to(TRUST_BUNDLE)
    new.replace(TLS_CA)
