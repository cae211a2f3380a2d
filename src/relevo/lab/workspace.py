"""The lab's folder: the cluster file, its secrets, a key, and the way to the machines for OpenSSH.

What is there already is kept, so an operator may edit `relevo.toml` before `up`.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal, TypeAlias

from relevo.cluster import load, secrets
from relevo.cluster.model import Cluster, FailoverSection
from relevo.cluster.new import example, fill
from relevo.deploy.shell import run
from relevo.errors import LabError
from relevo.i18n import _, language
from relevo.lab.network import Network
from relevo.lab.plan import CLIENT_HOST_NUMBER, NetworkPlan

CLUSTER_NAME = "relevo.toml"
SECRETS_NAME = "relevo-secrets.toml"
SSH_CONFIG_NAME = "ssh_config"
LOGINS_NAME = "logins.json"
DRIVER_NAME = "driver"
Driver: TypeAlias = Literal["nspawn", "vm"]
DEFAULT_DRIVER: Driver = "nspawn"
_KEY_NAME = "key"
_KNOWN_HOSTS_NAME = "known_hosts"
_POOL = (200, 220)  # host numbers of the first and the last address that DHCP gives away
_EXAMPLE_NETWORK = IPv4Network("192.168.100.0/24")
_PATIENCE = "8"  # of emulated machines: the example's 1 s until a silent one is given up is a moment there
_VIP6 = "fd00:100::100/64"


def default_folder() -> Path:
    """Return `.lab` of the clone that we are in, or of the current folder."""
    here = Path.cwd()
    clone = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return clone / ".lab"


class Workspace:
    """The files of a lab that a person may look at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster_file = folder / CLUSTER_NAME
        self.ssh_config = folder / SSH_CONFIG_NAME
        self._key = folder / _KEY_NAME

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one `up` or `down` at a time into this folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = _("another `relevo lab` is at work in {folder}: wait until it is done")
                raise LabError(text.format(folder=self.folder)) from None
            yield

    def prepare(self) -> Cluster:
        """Write what is missing of the cluster file, the secrets and the key; return the cluster."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.cluster_file.exists():
            self.cluster_file.write_text(cluster_text(), encoding="utf-8")
        cluster = self.cluster()
        if not (self.folder / SECRETS_NAME).exists():
            secrets.write(secrets.generate(cluster), self.folder / SECRETS_NAME)
        if not self._key.exists():
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "relevo lab", "-f", str(self._key)])
        return cluster

    def cluster(self) -> Cluster:
        """Return the cluster of the file, or that of a new lab when there is none yet."""
        return load.load(self.cluster_file) if self.cluster_file.exists() else load.parse(cluster_text(), CLUSTER_NAME)

    def choose_storage(self, kind: str, *, has_machines: bool) -> None:
        """Have a new lab keep its mail in that kind of store; raise LabError when its machines have another one.

        Raises:
            ConfigurationError: there is no such kind.
        """
        text = self.cluster_file.read_text(encoding="utf-8") if self.cluster_file.exists() else cluster_text()
        wanted = fill(text, {("storage", "kind"): f'"{kind}"'})
        load.parse(wanted, CLUSTER_NAME)
        if wanted != text and has_machines:
            raise LabError(_("the machines of this lab have another storage: `relevo lab down` first"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cluster_file.write_text(wanted, encoding="utf-8")

    def be_patient(self) -> None:
        """Have the platform wait as long as emulated machines need, unless the cluster file says how long."""
        if self.cluster().failover.patience == FailoverSection().patience:
            text = self.cluster_file.read_text(encoding="utf-8")
            self.cluster_file.write_text(fill(text, slow_machines()), encoding="utf-8")

    def driver(self) -> str:
        """Return what the machines are, `nspawn` (containers) or `vm`."""
        path = self.folder / DRIVER_NAME
        return path.read_text(encoding="ascii").strip() if path.exists() else DEFAULT_DRIVER

    def choose_driver(self, driver: Driver) -> None:
        """Note what new machines are to be."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / DRIVER_NAME).write_text(f"{driver}\n", encoding="ascii")

    def public_key(self) -> str:
        """Return the line for a machine's authorized_keys."""
        return self._key.with_suffix(".pub").read_text(encoding="utf-8")

    def write_ssh_config(self, plan: NetworkPlan, network: Network) -> None:
        """Write the client configuration that reaches each machine by its name."""
        text = ssh_config(plan, network.enter(), self._key, self.folder / _KNOWN_HOSTS_NAME)
        self.ssh_config.write_text(text, encoding="utf-8")

    def logins(self) -> Mapping[str, str]:
        """Return what whoever made accounts in this lab wrote to `logins.json`: address -> password."""
        path = self.folder / LOGINS_NAME
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def note_logins(self, logins: Mapping[str, str]) -> None:
        """Write `logins.json`, for the owner of this folder alone."""
        path = self.folder / LOGINS_NAME
        path.touch(mode=0o600)
        path.write_text(json.dumps(dict(logins), indent=1) + "\n", encoding="utf-8")

    def forget_host_key(self, address: str) -> None:
        """Remove the host key of a machine that is no more, as whoever installs one anew does."""
        known = self.folder / _KNOWN_HOSTS_NAME
        if known.exists():
            run(["ssh-keygen", "-q", "-R", address, "-f", str(known)])

    def forget_machines(self) -> None:
        """Remove what is about machines that are no more: the way to them, and their host keys."""
        for name in (SSH_CONFIG_NAME, _KNOWN_HOSTS_NAME, f"{_KNOWN_HOSTS_NAME}.old", LOGINS_NAME, DRIVER_NAME):
            (self.folder / name).unlink(missing_ok=True)


def cluster_text() -> str:
    """Return the shipped example with what is different in a lab."""
    own = {("network", "vip6"): f'"{_VIP6}"', ("ssh", "config"): f'"{SSH_CONFIG_NAME}"'}
    return fill(example(language()), {**closed_network(), **own})


def closed_network() -> dict[tuple[str, str], str]:
    """Return the keys that a lab's network asks for: no internet, the client is clock and outer DNS."""
    client = f'["{_EXAMPLE_NETWORK[CLIENT_HOST_NUMBER]}"]'
    return {
        ("cluster", "time_servers"): client,
        ("filter", "signatures"): '"offline"',
        ("dns", "forwarders"): client,
        ("dns", "dnssec_validation"): "false",  # nobody signs the zones of a lab
        ("mail", "client_messages_per_minute"): "0",  # one client is all the people here, and the load tests too
        ("dhcp", "server"): '"kea"',
        ("dhcp", "pool_start"): f'"{_EXAMPLE_NETWORK[_POOL[0]]}"',
        ("dhcp", "pool_end"): f'"{_EXAMPLE_NETWORK[_POOL[1]]}"',
    }


def slow_machines() -> dict[tuple[str, str], str]:
    """Return the keys that emulated machines ask for."""
    return {("failover", "patience"): _PATIENCE}


def ssh_config(plan: NetworkPlan, enter: Iterable[str], key: Path, known_hosts: Path) -> str:
    """Return a configuration for OpenSSH's client that enters the lab's network.

    Each machine is a host of it, by its name.
    """
    lines = ["# Made by Relevo from lab/workspace.py; changes here are lost."]
    for name in plan.machines:
        lines += [f"Host {name}", f"    HostName {plan.address(name)}"]
    lines += [
        "Host *",
        "    User root",
        f'    IdentityFile "{key}"',
        "    IdentitiesOnly yes",
        f'    UserKnownHostsFile "{known_hosts}"',
        "    StrictHostKeyChecking accept-new",
        f"    ProxyCommand {' '.join(enter)} nc %h %p",
    ]
    return "\n".join(lines) + "\n"
