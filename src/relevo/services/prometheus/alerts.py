"""The alerts: when each is raised, and what its text tells people to do. Pure; docs/how-to/notifications.md lists them.

Texts are messages of the catalogue and templates of Prometheus at once: `{{ $labels.node }}` is filled in there.
"""

from __future__ import annotations

from dataclasses import dataclass

from relevo.cluster.model import Cluster
from relevo.i18n import gettext_noop

CRITICAL, WARNING, INFO = "critical", "warning", "info"
QUEUE_MESSAGES = 500
DISK_LOW, DISK_VERY_LOW, INODES_LOW = 0.15, 0.05, 0.10
CLOCK_SECONDS = 0.5
MOVES_A_DAY = 4  # an upgrade of all machines moves the virtual IP twice


@dataclass(frozen=True)
class Alert:
    """One alert: `lasting` is how long `expression` must be true, as Prometheus writes it."""

    name: str
    severity: str
    lasting: str
    expression: str
    summary: str
    description: str


_SERVING = (
    Alert(
        "NobodyServes", CRITICAL, "15s", "sum(relevo_holder) == 0",
        gettext_noop("Nobody has the virtual IP: mail stands still"),
        gettext_noop(
            "No mail node that is heard takes mail. Look with `relevo status` what is wrong on each; `relevo "
            "history` tells what happened. If both databases wait for each other: `relevo recover database`."
        ),
    ),
    Alert(
        "NobodyHeard", CRITICAL, "30s", "absent(relevo_holder) and on() (count(relevo_up) > 1)",
        gettext_noop("The storage machine hears no mail node"),
        gettext_noop(
            "Either both mail nodes are off, or the storage machine is cut off from the network while they go on. "
            "`relevo status` asks each machine by itself. Look at power, cables and the switch."
        ),
    ),
    Alert(
        "TwoHolders", CRITICAL, "10s", "sum(relevo_holder) > 1",
        gettext_noop("Two nodes have the virtual IP"),
        gettext_noop(
            "The mail nodes do not hear each other. Only one of them is let into the mailboxes, so nothing is lost, "
            "but clients may reach the wrong one. `relevo status` names both; look at the network between them."
        ),
    ),
    Alert(
        "GateClosed", CRITICAL, "30s", "relevo_holder == 1 and on(node) relevo_gate_open == 0",
        gettext_noop("{{ $labels.node }} takes mail, but nobody can read or get it"),
        gettext_noop(
            "It may not write to mailboxes before the other node has conceded or is cut off from the storage. What "
            "it waits for stands in `relevo status`; what to do for each reason in docs/how-to/after-a-failover.md."
        ),
    ),
    Alert(
        "NoStandby", WARNING, "3m",
        "sum(relevo_holder) == 1 unless on() (count(relevo_holder == 0 and on(node) relevo_weight >= 0 "
        "and on(node) relevo_drained == 0 and on(node) relevo_keepalived == 1) >= 1)",
        gettext_noop("Nobody could take over: the standby is silent, ill or drained"),
        gettext_noop(
            "Mail goes on, but not if the active node fails. `relevo status` says why. A drained node comes back "
            "with `relevo undrain NODE`; a machine that is dead for good is followed by a new one with `relevo "
            "replace NODE`."
        ),
    ),
)
_MACHINES = (
    Alert(
        "AgentSilent", WARNING, "30s", "relevo_up == 0",
        gettext_noop("{{ $labels.node }} says nothing"),
        gettext_noop(
            "The machine is off, cut off, or its agent does not run. Until it is back no second machine may fail. Is "
            "it on? Then on it: `systemctl status relevo-agent`. If it will not come back: `relevo replace NODE`."
        ),
    ),
    Alert(
        "FiguresMissing", CRITICAL, "1m", 'up{job="relevo"} == 0 or absent(up{job="relevo"})',
        gettext_noop("The agent of the storage machine does not answer: nothing is watched"),
        gettext_noop(
            "No other alert can be raised now. `relevo status` asks all machines; on the storage machine: `systemctl "
            "status relevo-agent relevo-metrics`."
        ),
    ),
    Alert(
        "CutOff", WARNING, "2m", "max by (node) (relevo_cut_off) == 1 and on(node) relevo_up == 1",
        gettext_noop("{{ $labels.node }} is on, and is still cut off from the mail store"),
        gettext_noop(
            "It is let back when its agent says that it has begun anew. `relevo status` says what it waits for; the "
            "steps are in docs/how-to/after-a-failover.md."
        ),
    ),
    Alert(
        "ServiceFailing", WARNING, "1m", 'relevo_probe_good{vital="yes"} == 0',
        gettext_noop("{{ $labels.probe }} fails on {{ $labels.node }}"),
        gettext_noop(
            "The agent restarts what a restart may cure, and the virtual IP moves if the other node is better. "
            "`relevo status --all` shows what the service answers; on that machine `journalctl -b` tells more."
        ),
    ),
    Alert(
        "ClockOff", WARNING, "2m", f"abs(relevo_clock_offset_seconds) > {CLOCK_SECONDS}",
        gettext_noop("The clock of {{ $labels.node }} is wrong by {{ $value | humanizeDuration }}"),
        gettext_noop(
            "Compared with the storage machine. If all are wrong it is that one. On both: `chronyc sources`, and "
            "`systemctl restart chrony` if it found no source."
        ),
    ),
)
_MOVES = (
    Alert(
        "FailedOver", INFO, "0s", "relevo_took_seconds < 600 and on(node) relevo_holder == 1",
        gettext_noop("The virtual IP has moved to {{ $labels.node }}"),
        gettext_noop(
            "By order (`relevo switchover`, drain, reboot, upgrade), or because the other node failed. `relevo "
            "history` tells why, to the millisecond, and `relevo status` whether everything is back."
        ),
    ),
    Alert(
        "FlappingFailovers", WARNING, "1m", f"sum(relevo_took_day) > {MOVES_A_DAY}",
        gettext_noop("The virtual IP has moved {{ $value }} times within a day"),
        gettext_noop(
            "Something comes and goes. `relevo history` shows each time and why. Take the node that is ill out of "
            "service with `relevo drain NODE` until it is mended, then `relevo undrain NODE`."
        ),
    ),
)
_ROOM = (
    Alert(
        "FilesUnhealed", WARNING, "10m",
        'max(relevo_files_behind and on(node) relevo_probe_good{probe="glusterfs/copies"} == 0)',
        gettext_noop("{{ $value }} files of the mail store have not got their copies back"),
        gettext_noop(
            "Until they have, no second machine may fail. After a machine was away this takes minutes, after a "
            "replaced disk hours. If the number does not fall: `gluster volume heal mail info` on a mail node, and "
            "`relevo status`."
        ),
    ),
    Alert(
        "QueueLong", WARNING, "10m", f"max by (of) (relevo_queue_messages) > {QUEUE_MESSAGES}",
        gettext_noop("{{ $value }} messages wait in the queue of {{ $labels.of }}"),
        gettext_noop(
            "On the node that delivers it `postqueue -p` shows for what they wait (an adopted queue: `postqueue -c "
            "/etc/postfix-adopted -p`). A mailbox of yours that sends spam gets a new password with `relevo mailbox "
            "set`."
        ),
    ),
    Alert(
        "DiskFilling", WARNING, "5m",
        f"relevo_disk_free_ratio < {DISK_LOW} and relevo_disk_free_ratio >= {DISK_VERY_LOW}",
        gettext_noop("{{ $labels.of }} on {{ $labels.node }} fills up: {{ $value | humanizePercentage }} free"),
        gettext_noop(
            "Make room or enlarge it before mail is refused. `du -xh --max-depth 2 / | sort -h | tail` on that "
            "machine shows what is large; `/srv/mail` is the mailboxes themselves, as large as their quotas let them "
            "be."
        ),
    ),
    Alert(
        "DiskFull", CRITICAL, "1m", f"relevo_disk_free_ratio < {DISK_VERY_LOW}",
        gettext_noop("{{ $labels.of }} on {{ $labels.node }} is almost full: {{ $value | humanizePercentage }} free"),
        gettext_noop(
            "When it is full mail is refused and the database stalls. Make room now: `du -xh --max-depth 2 / | sort "
            "-h | tail` on that machine shows what is large."
        ),
    ),
    Alert(
        "InodesFilling", WARNING, "5m", f"relevo_inodes_free_ratio < {INODES_LOW}",
        gettext_noop(
            "{{ $labels.of }} on {{ $labels.node }} runs out of inodes: {{ $value | humanizePercentage }} free"
        ),
        gettext_noop(
            "Each message is a file, and no file can be made without an inode. Remove many small files, or move this "
            "to a file system with more (ext4: `mkfs.ext4 -N`; xfs needs none set)."
        ),
    ),
)
_DIGEST = "quarantine/digest"
_LISTS = Alert(
    "DigestFailing", WARNING, "10m", f'relevo_probe_good{{probe="{_DIGEST}"}} == 0',
    gettext_noop("Owners don't get the daily list of what was refused for them"),
    gettext_noop(
        "It has failed twice or more, and is tried again every ten minutes; nobody gets a list twice. `relevo status` "
        "says why; on the node with the virtual IP: `journalctl -u relevo-digest`."
    ),
)
_EXPIRES = gettext_noop("The certificate of the platform ends in {{ $value | humanize }} days")
_EXPIRES_FILES = gettext_noop(
    "Then mail programs and other servers refuse to connect. Put the new certificate and key where relevo.toml names "
    "them, then `relevo check` and `relevo apply`."
)
_EXPIRES_INTERNAL = gettext_noop(
    "Then mail programs refuse to connect. It is signed by the platform's own CA: put a new tls_certificate and "
    "tls_key into relevo-secrets.toml, then `relevo check` and `relevo apply`."
)
_AILING = Alert(
    "ServiceAiling", WARNING, "10m", "",
    gettext_noop("{{ $labels.probe }} on {{ $labels.node }} wants attention"),
    gettext_noop("Nobody feels it yet. `relevo status` says what it is, under what is to be seen to."),
)


def alerts(cluster: Cluster) -> tuple[Alert, ...]:
    """Return the alerts of a cluster."""
    return (*_SERVING, *_MACHINES, _ailing(cluster), *_MOVES, *_ROOM, _LISTS, *_expiry(cluster))


def _ailing(cluster: Cluster) -> Alert:
    """Return the one for probes that are not vital, less those that have an alert of their own, or must fail here."""
    others = ["glusterfs/copies", "certificates/certificate", "host/copy-disk", "host/mail-disk", _DIGEST]
    if cluster.filter.signatures == "offline":
        others.append("clamav/signatures")
    expression = f'relevo_probe_good{{vital="no", probe!~"{"|".join(others)}"}} == 0'
    return Alert(_AILING.name, _AILING.severity, _AILING.lasting, expression, _AILING.summary, _AILING.description)


def _expiry(cluster: Cluster) -> tuple[Alert, Alert]:
    text = _EXPIRES_FILES if cluster.certificates.source == "files" else _EXPIRES_INTERNAL
    days = "min(relevo_certificate_days)"
    return (
        Alert("CertificateExpiring", WARNING, "10m", f"{days} < 21 and {days} >= 7", _EXPIRES, text),
        Alert("CertificateExpiring", CRITICAL, "10m", f"{days} < 7", _EXPIRES, text),
    )
