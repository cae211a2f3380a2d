"""What the agent is told in `/etc/relevo/agent.json`: flat names, every value text, rendered by `services/agent`.

Besides the names below, every plain constant of `cluster/wires.py` is there in lower case (`mysql_socket`,
`amavis_inbound_port`, `mail_mount` ...), so that a service's `health.py` needs no other import.

    node, roles            this machine; roles separated by commas: `mail`, `storage`
    address, interface     its address, and the interface that holds it
    vip, prefix            the virtual IP and the length of its network's prefix
    vip6, vip6_network     the same of IPv6, the network as `fd00::/64`
    handover_hop           with them: a link-local address that this machine has while it hands sessions over
    hostname, domain       what clients use, and the first mail domain
    fpm_unit               the unit of PHP, which makes the webmail's pages
    probe_user             the mailbox that probes log in to, an address; with probe_password
    database_user          may read Galera's status; with database_password
    storage_kind           glusterfs, nfs or external
    storage_brick          the directory of this machine's copy, with glusterfs
    storage_copies         whose the copies are, in the order of the volume's bricks: machines, separated by commas
    storage_ports          TCP ports of the mail store, separated by commas: `2049` or `first:last`
    priority, preferred    as in the cluster file; preferred is `yes` on the node that should hold the virtual IP first
    failback               manual or auto
    patience               how many times longer than usual everything is waited for (`relevo.agent.pace`)
    peers                  JSON: [{"node", "address", "roles"}, ...], the other machines
    services               the services of this machine, separated by commas
    agent_certificate      PEM file with key and certificate that all agents of the cluster share
    alerts                 yes or no: whether the storage machine watches all others and tells people
    signatures             online or offline: whether virus signatures are expected to be fresh
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from relevo.agent import pace
from relevo.agent.probe import AgentConfig

CONFIG_PATH = "/etc/relevo/agent.json"  # wires.AGENT_CONFIG
SOCKET_PATH = "/run/relevo/agent.sock"  # wires.AGENT_SOCKET
PORT = 9119  # as in wires.PORTS


@dataclass(frozen=True)
class Peer:
    """Another machine of the cluster."""

    node: str
    address: str
    is_mail: bool


@dataclass(frozen=True)
class Settings:
    """The agent's own part of its configuration; `config` is the whole, as probes get it."""

    node: str
    address: str
    is_mail: bool
    vip: str
    preferred: bool
    failback: bool
    patience: float
    peers: tuple[Peer, ...]
    services: tuple[str, ...]
    certificate: str
    socket: str
    weight_file: str
    state_directory: str
    config: AgentConfig
    vip6: str = ""  # empty: none


def read(path: str = CONFIG_PATH) -> Settings:
    """Read the agent's configuration; raises OSError, ValueError or KeyError when it is missing or damaged."""
    return parse(json.loads(Path(path).read_text(encoding="utf-8")))


def parse(config: AgentConfig) -> Settings:
    """Return the settings that a configuration holds."""
    return Settings(
        node=config["node"],
        address=config["address"],
        is_mail="mail" in config["roles"].split(","),
        vip=config["vip"],
        preferred=config["preferred"] == "yes",
        failback=config["failback"] == "auto",
        patience=pace.factor(config.get("patience", "")),
        peers=tuple(
            Peer(peer["node"], peer["address"], "mail" in peer["roles"].split(","))
            for peer in json.loads(config["peers"])
        ),
        services=tuple(name for name in config["services"].split(",") if name),
        certificate=config["agent_certificate"],
        socket=config["agent_socket"],
        weight_file=config["vrrp_weight_file"],
        state_directory=config["state_directory"],
        config=config,
        vip6=config.get("vip6", ""),
    )
