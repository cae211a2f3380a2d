"""The contract of a service: what every folder in `services/` provides.

    services/<name>/
        README.md      its part of a message's journey, ports, settings, health, failure modes
        __init__.py    SERVICE = Service(...), and nothing else
        settings.py    packages(ctx) and the service's constants
        render.py      render(ctx) -> files; pure
        deploy.py      deploy(ctx): pyinfra operations, run on the node itself; absent when there is nothing to deploy
        health.py      probes(config): what the agent asks it; absent when there is nothing to ask
        templates/     Jinja2, laid out like the node's file system

A service imports `cluster`, `services.base` and its own files, never another service; what two share is a name in
`cluster/wires.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from relevo.agent.probe import AgentConfig, Probe
from relevo.cluster.model import Cluster, Node, Role
from relevo.cluster.secrets import Secrets
from relevo.services.releases import Release

MAIL = frozenset({Role.MAIL})
STORAGE = frozenset({Role.STORAGE})
EVERYWHERE = frozenset(Role)


@dataclass(frozen=True)
class NodeFacts:
    """What only the machine itself knows; gathered by the worker before it renders. Memory is in MiB."""

    release: Release
    interface: str  # the one that holds the node's address
    memory_mb: int
    cpus: int


@dataclass(frozen=True)
class Context:
    """All that a service may know when it renders and deploys: one cluster, one node."""

    cluster: Cluster
    secrets: Secrets
    node: Node
    facts: NodeFacts


@dataclass(frozen=True)
class File:
    """A file on a node.

    `check` is a command (argument list) that must accept it before it gets its name: `{}` stands for the candidate's
    path. `secret` content never appears in a diff.
    """

    path: str
    content: str | bytes
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    check: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The content as bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def _always(_: Cluster) -> bool:
    return True


def one_after_another(cluster: Cluster) -> Sequence[Sequence[str]]:
    """Return the waves of a service that the preferred mail node gets first: see `Service.first`."""
    return [[node.name] for node in cluster.mail_nodes]


@dataclass(frozen=True)
class Service:
    """One service.

    `wanted` says whether this cluster has it; `first` gives the waves of a first installation as node names, for
    services whose machines can't start side by side (None: all at once).
    """

    name: str
    title: str
    roles: frozenset[Role]
    wanted: Callable[[Cluster], bool] = _always
    first: Callable[[Cluster], Sequence[Sequence[str]]] | None = None

    def runs_on(self, cluster: Cluster, node: Node) -> bool:
        """Tell whether this service has something to do on that node."""
        return bool(self.roles & node.roles) and self.wanted(cluster)

    def packages(self, ctx: Context) -> tuple[str, ...]:
        """Return the Debian packages it needs on that node."""
        function = getattr(self._module("settings"), "packages", None)
        return tuple(function(ctx)) if function else ()

    def render(self, ctx: Context) -> tuple[File, ...]:
        """Return the files it wants on that node."""
        module = self._module("render")
        return tuple(module.render(ctx)) if module else ()

    def deploy(self, ctx: Context) -> None:
        """Converge the node; called with pyinfra's context set, on the node."""
        if module := self._module("deploy"):
            module.deploy(ctx)

    def probes(self, config: AgentConfig) -> tuple[Probe, ...]:
        """Return what the agent asks this service on that node."""
        module = self._module("health")
        return tuple(module.probes(config)) if module else ()

    def _module(self, part: str) -> ModuleType | None:
        name = f"relevo.services.{self.name}.{part}"
        return import_module(name) if find_spec(name) else None


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, keep_trailing_newline=True,
        trim_blocks=True, lstrip_blocks=True, autoescape=False,  # noqa: S701 - configuration files, not HTML
    )


def template(package: str, name: str, **values: object) -> str:
    """Render `templates/<name>` of a service's folder; `package` is the caller's `__package__`.

    A name that the template uses and the caller did not give is an error.
    """
    folder = Path(str(import_module(package).__file__)).parent / "templates"
    return _environment(folder).get_template(name).render(values)
