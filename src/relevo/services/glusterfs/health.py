"""What the agent asks GlusterFS. Not vital: whether mail can be written, `storage` asks over the mounted volume."""

from __future__ import annotations

import json
import socket

from relevo.agent.pace import paced
from relevo.agent.probe import AgentConfig, Deadline, Probe
from relevo.services.glusterfs.clients import Reach
from relevo.services.glusterfs.pending import Pending
from relevo.services.glusterfs.portmap import MANAGEMENT, PortMap
from relevo.services.glusterfs.waits import Waits

_UNIT = "glusterd.service"
HEALER_PID_FILE = "/run/gluster/shd/{volume}/{volume}-shd.pid"
RESTS_FILE = "/run/relevo/healer-rests"  # as in agent/healing.py: it was ended since it can do nothing, or harm
MOUNT_PID_FILE = "/run/relevo-storage.pid"  # services/storage
_FINDS_AGAIN_SECONDS = paced(15.0)  # a client looks every 3 s for a copy that it lost


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes; the mount's only where there is one."""
    pid_file = HEALER_PID_FILE.format(volume=config["storage_volume"])
    healer = _reach("the self-heal daemon", pid_file, config, rests=RESTS_FILE)
    copies = config.get("storage_copies", "").split(",")  # an agent may be newer than its configuration for a moment
    pending = Pending(config.get("storage_brick", ""), config["storage_volume"], copies, rests=RESTS_FILE)
    found_by_clients = PortMap(config.get("storage_brick", ""), config["storage_volume"])
    found = (
        Probe("copies", "glusterfs", pending.check, vital=False, every=5, timeout=5),
        Probe("glusterd", "glusterfs", _management, unit=_UNIT, vital=False, every=2, timeout=2),
        # BRICK of agent/gluster.py
        Probe("brick", "glusterfs", found_by_clients.check, unit=_UNIT, vital=False, every=5, timeout=2),
        Probe("healer", "glusterfs", healer.check, unit=_UNIT, vital=False, every=15, timeout=3),
    )
    if "mail" not in config["roles"].split(",") or config.get("storage_kind") != "glusterfs":
        return found  # the mail is not there, or not yet: there is no mount that would have to reach anything
    mount = _reach("the mount", MOUNT_PID_FILE, config, patience=_FINDS_AGAIN_SECONDS)
    unit = config["storage_unit"]
    return (
        *found,
        Probe("mount", "glusterfs", mount.check, unit=unit, vital=False, every=5, timeout=3, at_rest=True),
        Probe("waits", "glusterfs", Waits().check, vital=False, every=5, timeout=3),  # WAITS of agent/lost_locks.py
    )


def _reach(who: str, pid_file: str, config: AgentConfig, *, rests: str = "", patience: float = 0) -> Reach:
    first, _, last = config["gluster_brick_ports"].partition(":")
    bricks = [config["address"], *(str(peer["address"]) for peer in json.loads(config["peers"]))]
    return Reach(who, pid_file, bricks, range(int(first), int(last) + 1), rests=rests, patience=patience)


def _management(deadline: Deadline) -> str:
    """Connect to the management daemon: it mounts, heals and starts bricks, but files pass without it."""
    with socket.create_connection(MANAGEMENT, timeout=deadline.left()):
        return "answers"
