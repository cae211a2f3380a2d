"""An operator's own certificate (`certificates.source = "files"`): read, checked, used in place of the internal one."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from relevo.cluster.model import Cluster
from relevo.cluster.pki import certificate_problems
from relevo.cluster.secrets import Secrets
from relevo.errors import ConfigurationError
from relevo.i18n import _


def with_certificate(secrets: Secrets, cluster: Cluster, folder: Path) -> Secrets:
    """Return the secrets with the certificate that the cluster file asks for.

    Args:
        secrets: as read from their file; they hold the internal certificate.
        cluster: the cluster.
        folder: the folder of the cluster file, to which its paths are relative.

    Raises:
        ConfigurationError: a file can't be read, or the certificate is none for this platform; says all that is wrong.
    """
    if cluster.certificates.source != "files":
        return secrets
    certificate = _read(folder / cluster.certificates.certificate, "certificates.certificate")
    key = _read(folder / cluster.certificates.key, "certificates.key")
    if problems := certificate_problems(certificate, key, cluster.hostname):
        raise ConfigurationError("certificates.certificate:\n" + "\n".join(f"  {problem}" for problem in problems))
    return secrets.model_copy(update={"tls_certificate": SecretStr(certificate), "tls_key": SecretStr(key)})


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        text = _("{name}: {path} can't be read as PEM: {error}")
        raise ConfigurationError(text.format(name=name, path=path, error=error)) from None
