"""What the operator wrote: the cluster file as frozen objects. Unknown keys are mistakes.

`example.toml` beside this file is the reference: every key with its default and a sentence. Rules between keys are in
`rules.py`, reading and the gathering of mistakes in `load.py`, secrets in `secrets.py`.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Interface
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from relevo.agent import pace

DomainName = Annotated[
    str, Field(max_length=253, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
]
HostLabel = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
MacAddress = Annotated[str, Field(pattern=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]

_EMPTY_IS_NONE = BeforeValidator(lambda value: None if value == "" else value)
OptionalAddress = Annotated[IPv4Address | None, _EMPTY_IS_NONE]
OptionalAddress6 = Annotated[IPv6Interface | None, _EMPTY_IS_NONE]


class Role(StrEnum):
    """What a machine is for."""

    MAIL = "mail"
    STORAGE = "storage"


class Section(BaseModel):
    """A table of the cluster file: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClusterSection(Section):
    """Who this platform is."""

    name: HostLabel
    domain: DomainName
    hostname: DomainName = ""
    postmaster: str = ""
    language: Literal["es", "en"] = "es"
    timezone: str = "America/La_Paz"
    time_servers: tuple[str, ...] = ("pool.ntp.org",)

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, values: object) -> object:
        """Fill the two keys whose default follows from the domain."""
        if isinstance(values, dict) and isinstance(domain := values.get("domain"), str):
            values = dict(values)
            values["hostname"] = values.get("hostname") or f"mail.{domain}"
            values["postmaster"] = values.get("postmaster") or f"postmaster@{domain}"
        return values


class NetworkSection(Section):
    """The network that the machines share."""

    subnet: IPv4Network
    vip: IPv4Address
    vip6: OptionalAddress6 = None
    gateway: OptionalAddress = None
    admin_networks: tuple[IPv4Network, ...] = ()
    vrrp_id: int = Field(default=51, ge=1, le=255)


class Node(Section):
    """One of the three machines."""

    name: str
    address: IPv4Address
    roles: frozenset[Role] = Field(min_length=1)
    priority: int = Field(default=100, ge=1, le=200)

    @property
    def is_mail(self) -> bool:
        """Tell whether this machine runs the mail services."""
        return Role.MAIL in self.roles

    @property
    def is_storage(self) -> bool:
        """Tell whether this machine is the third vote, with DNS and DHCP."""
        return Role.STORAGE in self.roles


class SshSection(Section):
    """How the operator's machine reaches the nodes."""

    user: str = "root"
    port: int = Field(default=22, ge=1, le=65535)
    config: str = ""


StorageKind: TypeAlias = Literal["glusterfs", "nfs", "external"]


class StorageSection(Section):
    """Where mailboxes and queues live.

    `moving_to` is not the operator's: while the mail is being moved the machines' own copies of the file carry the kind
    that is built beside the present one.
    """

    kind: StorageKind = "glusterfs"
    brick: str = "/srv/relevo/brick"
    export: str = "/srv/relevo/export"
    external_source: str = ""
    external_type: str = ""
    external_options: str = "defaults"
    moving_to: StorageKind | Literal[""] = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are built: the present one, and the one to which the mail is being moved."""
        return (self.kind, self.moving_to) if self.moving_to else (self.kind,)

    @property
    def place(self) -> str:
        """Where the store of this kind is: the brick's folder, the export's, or what is mounted."""
        return {"glusterfs": self.brick, "nfs": self.export, "external": self.external_source}[self.kind]

    @property
    def coming(self) -> StorageSection:
        """The section as it will be when the mail has been moved."""
        return self.model_copy(update={"kind": self.moving_to or self.kind, "moving_to": ""})


class MailSection(Section):
    """Limits of messages and mailboxes."""

    message_size_mb: int = Field(default=50, ge=1, le=1024)
    default_quota_mb: int = Field(default=2048, ge=0)
    client_messages_per_minute: int = Field(default=60, ge=0)
    relay_host: str = ""


class FilterSection(Section):
    """Virus and spam filters."""

    signatures: Literal["online", "offline"] = "online"
    spam_tag_score: float = 5.0
    spam_reject_score: float = 15.0
    scanners: int = Field(default=4, ge=1, le=64)
    quarantine_days: int = Field(default=30, ge=0, le=365)
    quarantine_mb: int = Field(default=2048, ge=64)
    digest: bool = True
    digest_hour: int = Field(default=7, ge=0, le=23)

    @property
    def sends_digest(self) -> bool:
        """Whether owners get lists of what was refused for them: not where nothing is kept."""
        return self.digest and self.quarantine_days > 0


class DnsSection(Section):
    """The zone of the first domain, and what other servers may ask."""

    manage: bool = True
    forwarders: tuple[IPv4Address, ...] = ()
    dnssec_validation: bool = True
    records: tuple[str, ...] = ()
    dkim_selector: HostLabel = "relevo"
    dmarc_policy: Literal["none", "quarantine", "reject"] = "reject"
    spf_extra: tuple[str, ...] = ()
    public_address: OptionalAddress = None
    ttl: int = Field(default=300, ge=30, le=86400)


class DhcpReservation(Section):
    """A machine that always gets the same address."""

    mac: MacAddress
    address: IPv4Address
    hostname: HostLabel = "reserved"


class DhcpSection(Section):
    """Addresses for the clients of the network."""

    server: Literal["kea", "isc", "none"] = "kea"
    pool_start: OptionalAddress = None
    pool_end: OptionalAddress = None
    lease_seconds: int = Field(default=3600, ge=60, le=31_536_000)
    reservations: tuple[DhcpReservation, ...] = ()


class CertificatesSection(Section):
    """Where the platform's TLS certificate comes from."""

    source: Literal["internal", "files"] = "internal"
    certificate: str = ""
    key: str = ""


class FailoverSection(Section):
    """How fast the virtual IP moves, and whether it comes back by itself.

    `patience`: how many times longer than usual everything is waited for before it counts as failed.
    """

    failback: Literal["manual", "auto"] = "manual"
    advert_seconds: float = Field(default=0.1, ge=0.01, le=10)
    patience: float = Field(default=1, ge=1, le=pace.MOST)

    def paced(self, seconds: float) -> str:
        """Return how many seconds something may take here that may take so many on machines of usual speed."""
        return f"{seconds * self.patience:g}"


class BackupSection(Section):
    """The nightly copy of the accounts on the storage machine."""

    at: str = Field(default="02:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    keep_days: int = Field(default=14, ge=1, le=3650)


class AlertsSection(Section):
    """What is watched on the storage machine, and how often people are told."""

    enabled: bool = True
    keep_days: int = Field(default=30, ge=1, le=3650)
    repeat_hours: int = Field(default=4, ge=1, le=168)


class WebSection(Section):
    """The administration on the web: of whom a second factor is demanded."""

    second_factor: Literal["optional", "global", "all"] = "optional"


class Cluster(Section):
    """The whole cluster file."""

    cluster: ClusterSection
    network: NetworkSection
    nodes: dict[str, Node]
    ssh: SshSection = SshSection()
    storage: StorageSection = StorageSection()
    mail: MailSection = MailSection()
    filter: FilterSection = FilterSection()
    dns: DnsSection = DnsSection()
    dhcp: DhcpSection = DhcpSection()
    certificates: CertificatesSection = CertificatesSection()
    failover: FailoverSection = FailoverSection()
    backup: BackupSection = BackupSection()
    alerts: AlertsSection = AlertsSection()
    web: WebSection = WebSection()

    @model_validator(mode="before")
    @classmethod
    def _name_nodes(cls, values: object) -> object:
        """Give each node the name of its table: `[nodes.mail01]` is the node mail01."""
        if isinstance(values, dict) and isinstance(nodes := values.get("nodes"), dict):
            named = {name: {"name": name, **node} if isinstance(node, dict) else node for name, node in nodes.items()}
            values = {**values, "nodes": named}
        return values

    def with_storage(self, storage: StorageSection) -> Cluster:
        """Return the same cluster with its mail elsewhere."""
        return self.model_copy(update={"storage": storage})

    @property
    def domain(self) -> str:
        """The first mail domain, lower case."""
        return self.cluster.domain

    @property
    def hostname(self) -> str:
        """The name that clients use, e.g. `mail.example.org`."""
        return self.cluster.hostname

    @property
    def vip(self) -> str:
        """The virtual IP as text."""
        return str(self.network.vip)

    @property
    def vip6(self) -> str:
        """The virtual IP of IPv6 as text, without its prefix length; empty when there is none."""
        return str(self.network.vip6.ip) if self.network.vip6 else ""

    @property
    def mail_nodes(self) -> tuple[Node, ...]:
        """The mail nodes, the preferred one first."""
        return tuple(sorted((n for n in self.nodes.values() if n.is_mail), key=lambda n: (-n.priority, n.name)))

    def other_mail_node(self, node: Node) -> Node:
        """Return the mail node that is not this one: there are exactly two."""
        return next(other for other in self.mail_nodes if other.name != node.name)

    @property
    def storage_node(self) -> Node:
        """The one machine with the role `storage`."""
        return next(node for node in self.nodes.values() if node.is_storage)

    @property
    def peers(self) -> tuple[Node, ...]:
        """All machines, mail nodes first."""
        return (*self.mail_nodes, *(n for n in self.nodes.values() if not n.is_mail))
