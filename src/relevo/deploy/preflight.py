"""Is a machine fit to be part of the platform? Asked before anything is changed; all machines' faults come at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from relevo.cluster.model import Cluster, Node, StorageSection
from relevo.cluster.ports import PORTS
from relevo.cluster.wires import SUCCESSOR_MARK
from relevo.deploy import identities, mixed, stores
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnfitError
from relevo.i18n import _
from relevo.services.releases import Release, refusal

MIN_FREE_MB = 3000
MAX_CLOCK_SECONDS = 30.0
_MIN_PYTHON = (3, 11)
_MAKES_WAY = {(53, "systemd-resolve")}  # listens on 127.0.0.53 only, until services/bind switches it off

# One round trip: what the machine is, as `key value` lines. It changes nothing.
_QUESTIONS = r"""
. /etc/os-release; echo "release $ID $VERSION_ID"
echo "machine $(uname -m)"
echo "clock $(date +%s.%N)"
echo "free $(df -Pm / | awk 'NR==2 {print $4}')"
echo "python $(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"
python3 -c 'import venv, ensurepip' 2>/dev/null && echo "venv yes"
test -e /etc/relevo/relevo.toml && echo "ours yes"
test -e @SUCCESSOR@ && echo "successor yes"
@STORE@
test "$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null)" = 0 && echo "ipv6 yes"
test "$(id -u)" = 0 && echo "root yes"
command -v systemctl >/dev/null && echo "systemd yes"
ss -Hltnp 2>/dev/null | awk '{n=split($4,a,":"); split($6,p,"\""); print "listens", a[n], (p[2]=="" ? "?" : p[2])}' |
    sort -u
@IDENTITIES@
""".replace("@SUCCESSOR@", SUCCESSOR_MARK).replace("@STORE@", stores.QUESTION).replace(
    "@IDENTITIES@", identities.question()
)


@dataclass(frozen=True)
class Machine:
    """What a node said of itself: Python as `3.13` ('' when there is none), `managed` when Relevo has configured it.

    `successor`: it is taking the place of a dead machine, and that is not done yet. `store`: what its own copy of the
    cluster file says of the mail store, None when it has none.
    """

    release: Release
    machine: str
    clock_offset: float
    free_mb: int
    python: str
    has_venv: bool
    managed: bool
    successor: bool
    root: bool
    systemd: bool
    listeners: Mapping[int, str]
    identities: identities.Seen = frozenset()
    ipv6: bool = True
    store: StorageSection | None = None

    @property
    def is_new(self) -> bool:
        """Tell whether it is no part of the platform yet."""
        return self.successor or not self.managed


def examine(cluster: Cluster, ssh: Ssh, *, moved: bool = False) -> dict[str, Machine]:
    """Ask all nodes at once; raise one RelevoError that names every fault of every machine.

    `moved`: the mail has been taken to the store that the cluster file names, so the machines may name another.
    """
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda node: _ask_or_error(ssh, node), cluster.peers))
    faults = [str(answer) for answer in answers if isinstance(answer, RelevoError)]
    machines: dict[str, Machine] = {}
    for node, answer in zip(cluster.peers, answers, strict=True):
        if isinstance(answer, Machine):
            faults += [str(UnfitError(node.name, fault)) for fault in faults_of(node, answer, vip6=cluster.vip6)]
            machines[node.name] = answer
    mail = {node.name: machines[node.name] for node in cluster.mail_nodes if node.name in machines}
    new = [name for name, machine in machines.items() if machine.is_new]
    faults += mixed.faults(cluster, {name: machine.release for name, machine in machines.items()}, new)
    faults += identities.unequal({name: machine.identities for name, machine in mail.items()})
    if not moved:
        standing = {name: machine.store for name, machine in mail.items() if machine.store and not machine.is_new}
        faults += stores.faults(cluster.storage, standing)
    if faults:
        raise RelevoError("\n".join([*faults, _("Nothing was changed.")]))
    return machines


def faults_of(node: Node, machine: Machine, *, vip6: str = "") -> list[str]:
    """Return what keeps a machine from being that node, a sentence each; empty when it is fit.

    `vip6`: the virtual IP of IPv6, empty when the cluster has none.
    """
    faults = [why] if (why := refusal(machine.release)) else []
    if not machine.root:
        faults.append(
            _('commands don\'t run as root there: set [ssh] user = "root", or allow sudo without a password')
        )
    if not machine.systemd:
        faults.append(_("systemd is not there; Relevo's services are systemd units"))
    if machine.free_mb < MIN_FREE_MB:
        text = _("only {free} MB are free on /; make room until {least} MB are")
        faults.append(text.format(free=machine.free_mb, least=MIN_FREE_MB))
    if abs(machine.clock_offset) > MAX_CLOCK_SECONDS:
        text = _("its clock is off by {seconds:+.0f} s against this machine's; set it (e.g. with chrony) first")
        faults.append(text.format(seconds=machine.clock_offset))
    if machine.python and tuple(map(int, machine.python.split("."))) < _MIN_PYTHON:
        faults.append(_("its python3 is {version}; Relevo needs 3.11 or newer").format(version=machine.python))
    if vip6 and node.is_mail and not machine.ipv6:
        text = _(
            "IPv6 is switched off in its kernel, so it can't have {vip6}: set net.ipv6.conf.all.disable_ipv6 = 0 and "
            "boot without ipv6.disable=1, or leave network.vip6 out"
        )
        faults.append(text.format(vip6=vip6))
    faults += identities.faults_of(node, machine.identities, managed=machine.managed)
    return faults + ([] if machine.managed else _taken(node, machine))


def _taken(node: Node, machine: Machine) -> list[str]:
    """Name the programs that sit on our ports on a machine that Relevo has not configured yet."""
    ours = {
        int(port.number): port
        for port in PORTS
        if port.number.isdigit() and port.roles & node.roles and port.number not in {"0", "22"}
    }
    return [
        f"port {number} ({ours[number].purpose}) is taken by {program}: remove that program first"
        for number, program in sorted(machine.listeners.items())
        if number in ours and (number, program) not in _MAKES_WAY
    ]


def _ask_or_error(ssh: Ssh, node: Node) -> Machine | RelevoError:
    try:
        return _ask(ssh, node)
    except RelevoError as error:
        return error


def _ask(ssh: Ssh, node: Node) -> Machine:
    ssh.run(node, ["true"], within=30)  # the connection stands, so that the clocks are compared without its delay
    before = time.time()
    answer = ssh.run(node, ["sh", "-c", _QUESTIONS], within=30)
    return parse(answer, before, time.time())


def parse(answer: str, before: float, after: float) -> Machine:
    """Read a machine's answers; `before` and `after` are our clock around the question, seconds since the epoch."""
    lines = [line.split() for line in answer.splitlines()]
    words = {line[0]: line[1:] for line in lines if len(line) > 1}
    try:
        clock = float(words["clock"][0])
        offset = clock - after if clock > after else clock - before if clock < before else 0.0
        return Machine(
            release=Release(words["release"][0], words["release"][1] if len(words["release"]) > 1 else ""),
            machine=words["machine"][0],
            clock_offset=offset,
            free_mb=int(words["free"][0]),
            python=words.get("python", [""])[0],
            has_venv="venv" in words,
            managed="ours" in words,
            successor="successor" in words,
            root="root" in words,
            ipv6="ipv6" in words,
            systemd="systemd" in words,
            listeners={int(line[1]): line[2] for line in lines if line[:1] == ["listens"] and line[1].isdigit()},
            store=stores.parse(answer),
            identities=frozenset((line[1], line[2], int(line[3])) for line in lines if line[:1] == ["identity"]),
        )
    except (KeyError, ValueError, IndexError) as error:
        text = _("the machine's answer makes no sense ({error}): is it Debian or Ubuntu?")
        raise CommandFailed(text.format(error=error)) from None
