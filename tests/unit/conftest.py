"""What the unit tests share: the shipped example as a cluster, its secrets, and a context for each node."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from ipaddress import IPv6Interface

import pytest
from pydantic import SecretStr

from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.services.base import Context, NodeFacts
from relevo.services.releases import DEBIAN_13, Release

os.environ.pop("COLUMNS", None)  # xdist tells its processes the terminal's; commands here are asked by a program


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return Cluster.model_validate(tomllib.loads(files("relevo.cluster").joinpath("example.toml").read_text()))


@pytest.fixture(scope="session")
def secrets() -> Secrets:
    """Secrets that are the same in every run, so that golden files can be compared: each is its own name."""
    return Secrets(**{name: SecretStr(f"secret-{name.replace('_', '-')}") for name in Secrets.model_fields})


@pytest.fixture
def context(cluster: Cluster, secrets: Secrets) -> Callable[[str], Context]:
    facts = NodeFacts(DEBIAN_13, interface="eth0", memory_mb=4096, cpus=2)
    return lambda name: Context(cluster, secrets, cluster.nodes[name], facts)


@pytest.fixture
def context_of(context: Callable[[str], Context]) -> Callable[[str, Release], Context]:
    """Return a node that has another release."""

    def other(name: str, release: Release) -> Context:
        ctx = context(name)
        return replace(ctx, facts=replace(ctx.facts, release=release))

    return other


@pytest.fixture
def context6(cluster: Cluster, context: Callable[[str], Context]) -> Callable[[str], Context]:
    """A node of the same cluster with a virtual IP of IPv6, too."""
    network = cluster.network.model_copy(update={"vip6": IPv6Interface("fd00:100::100/64")})
    return lambda name: replace(context(name), cluster=cluster.model_copy(update={"network": network}))
