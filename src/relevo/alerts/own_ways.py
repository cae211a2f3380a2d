"""The operator's ways to people, read and checked, on their way to the machines with the other secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from pydantic import SecretStr

from relevo.alerts.ways import FILE_NAME, parse, read, through_ourselves
from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.i18n import _

_EXAMPLES = """
mailto://user:password@outside-provider.example?smtp=smtp.outside-provider.example&to=me@elsewhere.example
tgram://123456789:AAExampleOfATokenOfTheBotFather00/12315544/
ntfys://ntfy.example.org/a-name-that-nobody-guesses
jsons://hooks.example.org/relevo"""


def template() -> str:
    """Return a new file of ways, which says in the reader's language what belongs there; it names nobody yet."""
    said = (
        _("To whom Relevo sends its alerts: one address of apprise a line. How: docs/how-to/notifications.md"),
        _(
            "Keep it to yourself, it holds passwords. `relevo check` looks at it, `relevo apply` brings it to the "
            "machines, `relevo notify test` tries every line."
        ),
    )
    lines = [part for sentence in said for part in wrap(sentence, 110)]
    return "".join(f"# {line}".rstrip() + "\n" for line in [*lines, *_EXAMPLES.splitlines()])


def with_ways(secrets: Secrets, folder: Path) -> Secrets:
    """Return the secrets with what `notify.urls` in that folder says.

    Raises:
        ConfigurationError: as `relevo.alerts.ways.read`.
    """
    text = read(folder / FILE_NAME)
    return secrets.model_copy(update={"notify_urls": SecretStr(text)}) if text else secrets


def remarks(cluster: Cluster, secrets: Secrets) -> Iterator[str]:
    """Yield what the operator should know of the ways, a sentence each; nothing of it is a mistake."""
    if not cluster.alerts.enabled:
        return
    text = secrets.reveal("notify_urls")
    if not parse(text):
        yield _("Nobody will be told when something fails: write to whom into {file} (docs/how-to/notifications.md).") \
            .format(file=FILE_NAME)
    ours = {cluster.hostname, cluster.domain, cluster.vip, *(str(node.address) for node in cluster.peers)}
    for way in through_ourselves(text, ours):
        yield _(
            "{file}, {way}: this mail goes through the platform itself, which may be what has failed; "
            "use another provider's server."
        ).format(file=FILE_NAME, way=way)
