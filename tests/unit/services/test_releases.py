"""What is different on an older distribution: the files of every service there, the table, and who is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from relevo.services import SERVICES
from relevo.services.base import Context
from relevo.services.releases import DEBIAN_12, UBUNTU_24_04, Release, refusal, releases_document
from tests.unit.services.golden import GOLDEN, check_difference, rendered

NODES = ("mail01", "storage01")
NAMES = pytest.mark.parametrize("service", [service.name for service in SERVICES])
ContextOf = Callable[[str, Release], Context]


@pytest.mark.parametrize("service", [service.name for service in SERVICES if service.name != "agent"])  # test_agent.py
@pytest.mark.parametrize("node", NODES)
def test_what_debian_12_gets_in_another_way_than_debian_13(
    service: str, node: str, context: Callable[[str], Context], context_of: ContextOf
) -> None:
    check_difference(service, _with_key(context_of(node, DEBIAN_12)), _with_key(context(node)))


@NAMES
def test_ubuntu_gets_what_debian_12_gets_but_for_versions(service: str, context_of: ContextOf) -> None:
    older, ubuntu = (rendered(service, context_of("mail01", release)) for release in (DEBIAN_12, UBUNTU_24_04))
    versions = {"compatibility_level = 3.7": "compatibility_level = 3.8", "php8.2": "php8.3", "php/8.2": "php/8.3"}
    assert {_with(path, versions) for path in older} == set(ubuntu)
    for path, data in older.items():
        if path.endswith(("postfix.service.d/relevo.conf", "relevo-adopted-queue.service")):
            continue  # its systemd knows RestartSteps
        assert _with(data.decode(), versions) == ubuntu[_with(path, versions)].decode()


def _with_key(ctx: Context) -> Context:
    """Return it with a true DKIM key: the zone holds the public half."""
    key = SecretStr((GOLDEN / "bind/dkim-key.pem").read_text(encoding="utf-8"))
    return replace(ctx, secrets=ctx.secrets.model_copy(update={"dkim_key": key}))


def _with(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_what_relevo_does_not_know_is_refused_with_what_it_does_know() -> None:
    assert refusal(DEBIAN_12) is None
    known = "Debian 13, Debian 12, Ubuntu 24.04"
    told = f"it runs Debian 11, and Relevo knows {known}: install one of these on it"
    assert refusal(Release("debian", "11")) == told
    assert (refusal(Release("arch", "")) or "").startswith("it runs Arch, and")


def test_the_table_in_the_documentation_is_that_of_the_code() -> None:
    document = Path(__file__).parents[3] / "docs/reference/releases.md"
    assert document.read_text(encoding="utf-8") == releases_document()
