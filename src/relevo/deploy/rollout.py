"""Plan and apply over all nodes: examine, bring Relevo there, start a worker a node, go through the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from relevo.alerts.own_ways import with_ways
from relevo.cluster import load
from relevo.cluster import secrets as secrets_file
from relevo.cluster.model import Cluster, Node
from relevo.cluster.own_certificate import with_certificate
from relevo.cluster.renewal import renewal
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import RELEVO_ROOT
from relevo.deploy import bundle, events, gate, preflight
from relevo.deploy.connection import Opening, Worker, operator
from relevo.deploy.events import Event
from relevo.deploy.plan import Plan, Stage, services_of, stages, switch_stages
from relevo.deploy.preflight import Machine
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnfitError
from relevo.i18n import _, gettext_noop
from relevo.operate.active import holders
from relevo.services import SERVICES

Result = TypeVar("Result")
Heard = Callable[[Node, Event], None]  # gets every event of every node, from several threads

SECRETS_NAME = "relevo-secrets.toml"  # beside the cluster file


@dataclass(frozen=True)
class Rollout:
    """A cluster with a worker on each node. Make one with `connect`."""

    cluster: Cluster
    ssh: Ssh
    workers: dict[str, Worker]
    machines: Mapping[str, Machine]
    keep: Callable[[], None] = lambda: None  # secrets that were made anew, on the operator's machine

    def plan(self, heard: Heard) -> Plan:
        """Ask every node, side by side, what it would change."""

        def ask(node: Node) -> list[Event]:
            return [
                change
                for service in services_of(self.cluster, node)
                for change in self.workers[node.name].order("plan", service, lambda event: heard(node, event))
            ]

        return Plan(_each(self.cluster.peers, ask))

    def apply(self, heard: Heard) -> Plan:
        """Make the changes, stage by stage; return what was changed. The first failed step stops the wave it is in.

        A machine that takes the place of a dead one can be well only in the end; nobody waits for it before.
        """
        self.keep()
        active = next((node.name for node in holders(self.cluster, self.ssh)), None)
        new = [node for node in self.cluster.peers if self.machines[node.name].is_new]
        if active:
            self._demand_successors(new)

        def until_well(service: str, changed: Sequence[Node]) -> None:
            if active:
                gate.wait_until_well(self.ssh, [node for node in changed if node not in new], service)

        made = self._go(stages(self.cluster, active), heard, until_well)
        if active:
            gate.wait_until_well(self.ssh, new, SERVICES[-1].name)
        return made

    def switch(self, heard: Heard, active: str) -> Plan:
        """Make the changes while the mail services are stopped on purpose, so that no machine can be well meanwhile."""
        return self._go(switch_stages(self.cluster, active), heard, lambda _service, _changed: None)

    def _go(
        self, through: Sequence[Stage], heard: Heard, after_wave: Callable[[str, Sequence[Node]], None]
    ) -> Plan:
        made: dict[str, list[Event]] = {node.name: [] for node in self.cluster.peers}
        for stage in through:
            for wave in stage.waves:
                nodes = [self.cluster.nodes[name] for name in wave]
                changes = _each(nodes, partial(self._apply_one, stage.service, heard))
                for name, found in changes.items():
                    made[name] += found
                after_wave(stage.service, [node for node in nodes if changes[node.name]])
        self._note(made)
        return Plan(made)

    def _demand_successors(self, new: Sequence[Node]) -> None:
        """Raise RelevoError when a bare machine is found where the platform stands, and nobody said why."""
        for node in new:
            if not self.machines[node.name].successor:
                text = _(
                    "it is a new machine, and the platform stands; if it is to take the place of a dead one: "
                    "relevo replace {node}"
                )
                raise UnfitError(node.name, text.format(node=node.name))

    def _apply_one(self, service: str, heard: Heard, node: Node) -> list[Event]:
        return self.workers[node.name].order("apply", service, lambda event: heard(node, event))

    def _note(self, made: dict[str, list[Event]]) -> None:
        for name, worker in self.workers.items():
            if made[name]:
                touched = ",".join(dict.fromkeys(event.service for event in made[name]))
                worker.order(events.NOTE, f"apply changed {len(made[name])} things of {touched}", lambda _: None)


@contextmanager
def connect(
    cluster_file: Path, why: str, tell: Callable[[str], None], *, text: str | None = None, moved: bool = False,
) -> Iterator[Rollout]:
    """Examine the nodes, bring this version of Relevo to them, start the workers (they hold the cluster's lock).

    Args:
        cluster_file: the operator's file; the secrets file lies beside it.
        why: what is going on, for somebody who finds the cluster locked.
        tell: gets a sentence on what is going on now.
        text: what the machines get in the place of the file's own text, while the mail is being moved.
        moved: the mail has been taken to the store that the file names.

    Raises:
        RelevoError: with every fault of every machine; nothing was changed then.
    """
    cluster = load.load(cluster_file) if text is None else load.parse(text, str(cluster_file), of_node=True)
    hidden, keep = _secrets(cluster_file, cluster, tell)
    secrets = with_ways(with_certificate(hidden.for_nodes(), cluster, cluster_file.parent), cluster_file.parent)
    text = cluster_file.read_text(encoding="utf-8") if text is None else text
    with Ssh(cluster, cluster_file.parent) as ssh:
        tell(gettext_noop("examining the machines"))
        machines = preflight.examine(cluster, ssh, moved=moved)
        tell(gettext_noop("bringing Relevo to the machines"))
        machines = _each(cluster.peers, lambda node: _install(ssh, node, machines[node.name]))
        tell(gettext_noop("starting"))

        def start(node: Node) -> Worker:
            opening = Opening(node.name, text, secrets_file.to_toml(secrets), operator(), why)
            machine = machines[node.name]
            code = f"{RELEVO_ROOT}/code/{bundle.code_digest()}"
            return Worker(ssh, node, bundle.interpreter(machine.python, machine.machine), code, opening)

        workers: dict[str, Worker] = {}
        try:
            _each(cluster.peers, lambda node: workers.setdefault(node.name, start(node)))
            yield Rollout(cluster, ssh, workers, machines, keep)
        finally:
            for worker in workers.values():
                worker.close()


def _secrets(
    cluster_file: Path, cluster: Cluster, tell: Callable[[str], None]
) -> tuple[Secrets, Callable[[], None]]:
    """Return the secrets, with a new certificate where one is due, and what keeps that one in their file."""
    path = cluster_file.parent / SECRETS_NAME
    found = secrets_file.read(path)
    if (due := renewal(found, cluster)) is None:
        return found, lambda: None
    tell(_("a new certificate, signed by the platform's own CA: {why}").format(why=due.why))
    return due.secrets, lambda: secrets_file.write(due.secrets, path)


def _install(ssh: Ssh, node: Node, machine: Machine) -> Machine:
    """Bring Relevo to a node, and Python's venv where a bare system has none; return the machine as it is then."""
    if not machine.has_venv:
        ssh.run(node, ["apt-get", "-q", "update"], within=300)
        ssh.run(
            node,
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "install", "python3-venv"],
            within=300,
        )
        version = ssh.run(node, ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
        machine = replace(machine, python=version.strip(), has_venv=True)
    bundle.install(ssh, node, machine.python, machine.machine)
    return machine


def _each(nodes: tuple[Node, ...] | list[Node], act: Callable[[Node], Result]) -> dict[str, Result]:
    """Do something for all nodes side by side; when some fail, raise one error that names them all."""
    with ThreadPoolExecutor(max_workers=max(len(nodes), 1)) as pool:
        futures = {node.name: pool.submit(act, node) for node in nodes}
    faults = [future.exception() for future in futures.values() if future.exception()]
    if len(faults) == 1 and faults[0]:
        raise faults[0]
    if faults:
        strange = next((fault for fault in faults if not isinstance(fault, RelevoError)), None)
        raise strange or RelevoError("\n".join(str(fault) for fault in faults))
    return {name: future.result() for name, future in futures.items()}
