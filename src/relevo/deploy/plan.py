"""What an apply would do, as data. Pure: nothing here touches a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevo.cluster.model import Cluster, Node
from relevo.deploy import itself, packages
from relevo.deploy.events import Event
from relevo.services import SERVICES


@dataclass(frozen=True)
class Plan:
    """The changes that each node would see, by node name, in the order in which they would be made."""

    changes: Mapping[str, Sequence[Event]]

    @property
    def empty(self) -> bool:
        """Tell whether nothing would change anywhere."""
        return not any(self.changes.values())

    def to_json(self) -> list[dict[str, str]]:
        """Return one object a change: node, service, step, detail, diff."""
        return [
            {"node": node, "service": e.service, "step": e.step, "detail": e.detail, "diff": e.diff}
            for node, changes in self.changes.items()
            for e in changes
        ]


@dataclass(frozen=True)
class Stage:
    """One service and its waves: the nodes of a wave get it side by side, the next wave when they are well."""

    service: str
    waves: tuple[tuple[str, ...], ...]


def services_of(cluster: Cluster, node: Node) -> tuple[str, ...]:
    """Return the names of all that a node gets, in order."""
    return (itself.NAME, packages.NAME, *(s.name for s in SERVICES if s.runs_on(cluster, node)))


def stages(cluster: Cluster, active: str | None) -> tuple[Stage, ...]:
    """Return the stages of an apply.

    Without an active node (nobody holds the virtual IP) the platform is new, or down: nodes go side by side, but for
    the services that must start one after another. With one, a service reaches the storage machine first, then the
    standby, then the active node, so that never two of the three are at work. A store that is built beside the present
    one, to move the mail there, is new, too, although there is an active node.
    """
    rolling = _rolling(cluster, active)
    everywhere = rolling if active else (tuple(node.name for node in cluster.peers),)
    found = [Stage(itself.NAME, everywhere), Stage(packages.NAME, everywhere)]
    for service in SERVICES:
        is_new = not active or service.name == cluster.storage.moving_to
        first = service.first(cluster) if service.first and is_new else None
        waves = tuple(tuple(wave) for wave in first) if first else everywhere
        here = {node.name for node in cluster.peers if service.runs_on(cluster, node)}
        mine = tuple(tuple(name for name in wave if name in here) for wave in waves)
        if any(mine):
            found.append(Stage(service.name, tuple(wave for wave in mine if wave)))
    return tuple(found)


def switch_stages(cluster: Cluster, active: str) -> tuple[Stage, ...]:
    """Return the stages of an apply that ends a move of the mail, while its services are stopped on both mail nodes.

    One machine after the other, as ever; but the active node comes before the standby, so that the virtual IP stays.
    """
    order = [cluster.storage_node.name, active, *(node.name for node in cluster.mail_nodes if node.name != active)]
    return tuple(
        Stage(stage.service, tuple((name,) for name in order if any(name in wave for wave in stage.waves)))
        for stage in stages(cluster, active)
    )


def _rolling(cluster: Cluster, active: str | None) -> tuple[tuple[str, ...], ...]:
    others = [node.name for node in cluster.mail_nodes if node.name != active]
    storage = [node.name for node in cluster.peers if node.is_storage]
    return tuple((name,) for name in [*storage, *others, *([active] if active else [])])
