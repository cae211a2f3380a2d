"""Names that two services share: addresses, ports, sockets, paths, accounts. A service imports this, never another.

Ports that a machine opens to others are rows of `ports.py`, too.
"""

from __future__ import annotations

from ipaddress import IPv6Address

from relevo.cluster.model import Cluster, Node

# --- mail store: one shared file system, mounted here on both mail nodes -------------------------------------------
MAIL_MOUNT = "/srv/mail"
MAILBOX_ROOT = f"{MAIL_MOUNT}/mailboxes"  # /<domain>/<local part>/Maildir, owned by vmail
QUEUE_ROOT = f"{MAIL_MOUNT}/queue"  # /<node>, the messages that are in Postfix's queue on that node
STORAGE_UNIT = "relevo-storage.service"  # active while MAIL_MOUNT is mounted; what writes there is ordered after it
# Postfix's queue_directory is local: sockets and locks are there, and links to the messages (`QUEUE DIRECTORY`).
SPOOL = "/var/spool/postfix"
QUEUE_LINKS_COMMAND = "/usr/local/lib/relevo/queue-links"
FINISH_COMMAND = "/usr/local/lib/relevo/finish-deliveries"  # `SPOOL SECONDS`: before a Postfix is ended
# While the mail is being moved to another kind of storage the new store is mounted here, on the node that copies.
NEXT_MOUNT = "/srv/relevo/next"
NEXT_STORE_UNIT = "relevo-next-store.service"
STORAGE_VOLUME = "mail"  # name of the GlusterFS volume
GLUSTER_MANAGEMENT_PORTS = "24007:24008"
# Bricks take random ports of this range. The kernel's own choices for outgoing connections end below it
# (services/base_os): the fence drops the whole range, and must not hit anything else.
GLUSTER_BRICK_PORTS = "49152:49251"
LOCAL_PORTS = "32768 49151"  # net.ipv4.ip_local_port_range: from where outgoing connections come
NFS_PORT = 2049
# The survivor sees the queue of a dead node through a mount of its own, made afresh: what a kernel remembers of another
# node's living queue makes entries stick.
ADOPTED_MOUNT = "/srv/adopted"
ADOPTED_UNIT = "relevo-adopted-queue.service"  # a Postfix without listeners on the other mail node's queue
POSTFIX_UNIT = "postfix.service"
POSTFIX_CONFIGURATION, ADOPTED_CONFIGURATION = "/etc/postfix", "/etc/postfix-adopted"
SHARED_STATE = f"{MAIL_MOUNT}/.relevo"  # what the mail nodes must know in common, owned by root
VMAIL_USER = "vmail"
VMAIL_UID = 5000
VMAIL_GID = 5000
POSTFIX_ID = 5001  # its user and its group; like vmail's, above what packages (to 999) and people are given
POSTDROP_GID = 5002

# --- sockets on a mail node (nothing is chrooted) -----------------------------------------------------------------
DOVECOT_LMTP_SOCKET = "/run/dovecot/postfix-lmtp"
DOVECOT_AUTH_SOCKET = "/run/dovecot/postfix-auth"
DOVECOT_QUOTA_SOCKET = "/run/dovecot/postfix-quota"
DOVECOT_SIEVE_SOCKET = "/run/dovecot/relevo-sieve"  # ManageSieve, for the portal
DOVECOT_IMAP_SOCKET = "/run/dovecot/relevo-imap"  # IMAP, for the pages of the quarantine
CLAMD_SOCKET = "/run/clamav/clamd.ctl"
MYSQL_SOCKET = "/run/mysqld/mysqld.sock"

# --- the filter, on loopback ---------------------------------------------------------------------------------------
AMAVIS_USER = "amavis"  # of Debian's package; the group of what it may read
AMAVIS_INBOUND_PORT = 10024  # mail from outside
AMAVIS_ORIGINATING_PORT = 10026  # mail of our own users: signed with DKIM
POSTFIX_REINJECT_PORT = 10025  # where Amavis gives clean mail back

# --- TLS: the same files on both mail nodes ------------------------------------------------------------------------
TLS_CERTIFICATE = "/etc/relevo/tls/certificate.pem"  # with the intermediate certificates, 0644
TLS_KEY = "/etc/relevo/tls/key.pem"  # root:ssl-cert 0640
TLS_CA = "/etc/relevo/tls/ca.pem"  # what a client of ours should trust

# --- webmail: PHP's pool belongs to roundcube, nginx passes requests on to it --------------------------------------
WEBMAIL_ROOT = "/var/lib/roundcube/public_html"
WEBMAIL_FPM_SOCKET = "/run/php/relevo-webmail.sock"
CLIENT_NAMES = ("autoconfig", "autodiscover")  # below each domain: where mail programs ask that know only an address
NGINX_LOCATIONS = "/etc/nginx/relevo.d"  # *.conf: more of our host name's locations (/admin/ ...); *.server: servers

# --- administration on the web: the application belongs to web, nginx passes requests on to it -----------------------
WEB_SOCKET = "/run/relevo-web.sock"
WEB_CONFIG = "/etc/relevo/web.json"  # 0600: systemd hands it to the units that run the application's code
WEB_STATIC = "/var/lib/relevo/web"  # scripts, styles and fonts, which nginx serves from disk
FORGET_SOCKET = "/run/relevo-forget.sock"  # takes an address that Dovecot shall forget (`relevo.directory.dovecot`)
PROFILE_SOCKET = "/run/relevo-profile.sock"  # signs profiles of mailboxes for it, whose process can't read the key
VIEW_SOCKET = "/run/relevo-view.sock"  # shows it what the agent says of all machines (`relevo.agent.window`)

LOOKUP_SOCKET = "/run/relevo-lookup.sock"  # asks name servers for the web, which has no network (relevo.lookup)

# --- mail queues: what only root may read and change, for the web and for commands (relevo.queue) ---------------------
QUEUE_SOCKET = "/run/relevo-queue-control.sock"
QUEUE_PORT = 9122  # the other mail node's, over TLS with the agents' key
TRACE_DIRECTORY = "/run/relevo-trace"  # 0700
TRACE_SOCKET = f"{TRACE_DIRECTORY}/index.sock"  # the index of this node's mail journal, for relevo-queue-control alone
USE_CURSOR = "/var/lib/relevo-use/cursor"  # how far relevo-use has read the journal and written what came of it
WEB_USER = "relevo-web"  # the account of the administration on the web: it may ask there

# --- DKIM ----------------------------------------------------------------------------------------------------------
DKIM_DIRECTORY = "/etc/relevo/dkim"  # <domain>.<selector>.pem, root:amavis 0640
DKIM_ZONES = "/etc/bind/dkim"  # <zone>: the DKIM keys of a domain that our name servers have; relevo-dkim writes it
DKIM_STATE = "/run/relevo-dkim"  # how relevo-dkim is: state.json; whether a key is new or retired: waiting
DKIM_TABLE = f"{DKIM_DIRECTORY}/keys"  # those that sign: `domain selector file`, a line each; Amavis reads it

# --- shared mailboxes: relevo-sharing writes on each mail node what Dovecot reads; it is on the local disk ------------
SHARED_PREFIX = "Shared mailboxes"  # the folder in which members find them
SHARING_DIRECTORY = "/var/lib/relevo-sharing"
SHARING_RIGHTS = f"{SHARING_DIRECTORY}/rights"  # who may do what; without this file nobody can log in to IMAP
SHARING_MAP = f"{SHARING_DIRECTORY}/map"  # which ones are listed to whom
SHARING_BOXES = f"{SHARING_DIRECTORY}/boxes"  # <member>/<shared mailbox>: links to Maildirs; others find no way
SHARING_STATE = "/run/relevo-sharing"  # how relevo-sharing is: state.json

# --- database: accounts are in one schema, the services read views of it -------------------------------------------
DATABASE = "relevo"
ROUNDCUBE_DATABASE = "roundcube"
DATABASE_ADMIN = "relevo"  # owns both schemas
DATABASE_POSTFIX = "postfix"  # SELECT on the views
DATABASE_DOVECOT = "dovecot"  # SELECT on the views
DATABASE_AMAVIS = "amavis"  # SELECT on the view of the senders' rules
DATABASE_ROUNDCUBE = "roundcube"  # its own schema, and the password column through the view below
DATABASE_WEB = "web"  # the accounts' rows, but of the audit log reading and adding only
DATABASE_DKIM = "dkim"  # SELECT on one view: the DKIM keys, sealed
DATABASE_USE = "use"  # the tables of the mailboxes' use, and the addresses of mailboxes
DATABASE_AGENT = "relevo_agent"  # USAGE only: reads wsrep status
DATABASE_BACKUP = "relevo_backup"  # reads both schemas from the storage machine, over TLS

# --- Galera: the mail nodes' MariaDB and the storage machine's garbd must agree on these ----------------------------
GALERA_PORT = 4567
GALERA_GROUP = "relevo"
# Who is silent for 1 s is suspected, and out when the others agree; the defaults (5 s, 15 s) stall writes for 6 s.
# Two members that don't hear each other while the third hears both ask that one to pass their messages on after
# peer_timeout, looked at every 0.5 s: sooner than they suspect each other, or all three lose the majority.
# join_retrans_period must be shorter than suspect_timeout: with its default of 1 s the two survivors suspect each other
# and both lose the majority.
_GALERA_SECONDS = {
    "evs.keepalive_period": 0.1,
    "evs.join_retrans_period": 0.1,
    "evs.inactive_check_period": 0.1,
    "evs.suspect_timeout": 1,
    "evs.inactive_timeout": 1.5,
    "evs.install_timeout": 1.5,
    "gmcast.peer_timeout": 0.4,
}

# Views, all columns lower case, only enabled rows:
VIEW_DOMAINS = "lookup_domain"  # domain
VIEW_MAILBOXES = "lookup_mailbox"  # address, password, quota_mb (0: none)
# source ('user@domain', also for each address of an alias domain; '@domain' for a catch-all), target (one a row)
VIEW_ALIASES = "lookup_alias"
VIEW_SENDERS = "lookup_sender"  # address, login: who may send as `address`
# columns list, policy (anyone, domain, members, named, held) and sender (empty, '@domain' or an address)
VIEW_LIST_POSTERS = "lookup_list_poster"
# list, sender (an address or '@domain'), way: whose posts go straight to the members of a list that holds posts, and by
# which address
VIEW_LIST_WAYS = "lookup_list_way"
VIEW_SHARED = "lookup_shared"  # mailbox, member, level (read, write, manage)
VIEW_APP_PASSWORDS = "lookup_app_password"  # address, protocol, handle (as Dovecot computes it), password, number
VIEW_DKIM = "lookup_dkim"  # domain, selector, public, sealed (empty unless it signs): all keys that are published
# recipient (an address, '@domain', or empty for all), sender (an address or '@domain'), verdict (allow, block)
VIEW_SENDER_RULES = "lookup_sender_rule"
VIEW_PASSWORDS = "lookup_password"  # address, password: updatable, for the webmail's password page

# --- probe mailboxes: the agent of a node logs in to its own; in the first domain, hidden from users ------------------
PROBE_PREFIX = "relevo-probe-"

# --- quarantine: copies of what the filter refused, in a mailbox of the platform's own in the first domain -----------
QUARANTINE_LOCAL_PART = "relevo-quarantine"
REINJECT_SOCKET = "/run/relevo-reinject.sock"  # leads to POSTFIX_REINJECT_PORT, for who has no network
# what the filter writes above a copy, beside Amavis's own X-Quarantine-ID and X-Envelope-From
QUARANTINE_FOR_HEADER = "X-Relevo-Refused-For"  # the recipients who did not get it
QUARANTINE_WHY_HEADER = "X-Relevo-Refused"

# --- lists that hold posts: these wait in a mailbox of the platform's own in the first domain ------------------------
HELD_LOCAL_PART = "relevo-held"  # with the list's number behind a '+'
HELD_MB = 2048
MEMBERS_TAG = "+relevo-members"  # behind a list's local part: the way past the place where posts wait, the filter's own

HELD_STATE = "/var/lib/relevo-held"  # whether owners of lists could be told lately by this node: state.json
DIGEST_STATE = "/var/lib/relevo-digest"  # what became of the last daily list on this node: state.json

# --- agent and keepalived ------------------------------------------------------------------------------------------
AGENT_DIRECTORY = "/run/relevo"
AGENT_SOCKET = f"{AGENT_DIRECTORY}/agent.sock"  # JSON lines: the local view
QUOTA_LINK = f"{AGENT_DIRECTORY}/quota"  # to DOVECOT_QUOTA_SOCKET while the gate is open: agent/quotas.py
AGENT_CONFIG = "/etc/relevo/agent.json"  # 0600
AGENT_KEY = "/etc/relevo/agent.pem"  # 0600: key and certificate by which the agents know each other
VRRP_WEIGHT_FILE = f"{AGENT_DIRECTORY}/vrrp-weight"  # one integer; missing or garbled counts as 0 = unhealthy
VRRP_INSTANCE = "relevo"

# --- fence and gate: tables of nftables that the agent fills ---------------------------------------------------------
FENCE_TABLE = "relevo_fence"  # its set `cut`: machines whose storage traffic is dropped here
GATE_TABLE = "relevo_gate"  # closed: nothing is heard at the virtual IP that could write to a mailbox
HANDOVER_TABLE = "relevo_handover"  # while a switchover goes on: sessions of SMTP that the old holder still has
FENCE_UNIT = "relevo-fence.service"  # loads all of them
LMTP_PORT = 24  # on the virtual IP: deliveries
# Through these mailboxes are written: deliveries, webmail, POP3, IMAP, ManageSieve. SMTP and submission are not among
# them: what they take goes to the queue, which is the node's own, and from there by LMTP to the virtual IP.
GATED_PORTS = f"{LMTP_PORT},80,110,143,443,993,995,4190"
HANDED_PORTS = "25,465,587"  # ... so after a switchover their sessions may end where they began
_LINK_LOCAL = int(IPv6Address("fe80::"))

# --- monitoring, on loopback of the storage machine, so not in PORTS: nobody else reaches it ------------------------
METRICS_PORT = 9120  # the figures of all agents, for Prometheus (agent/scrape.py)
PROMETHEUS_PORT = 9090
ALERTMANAGER_PORT = 9093
NOTIFY_PORT = 9121  # takes alerts from Alertmanager and sends them on (relevo.alerts)
NOTIFY_URLS = "/etc/relevo/notify.urls"  # to whom; 0600

# --- Relevo itself on a node ---------------------------------------------------------------------------------------
CLUSTER_FILE = "/etc/relevo/relevo.toml"
SECRETS_FILE = "/etc/relevo/secrets.toml"  # 0600
STATE_DIRECTORY = "/var/lib/relevo"
LEFT_MARK = f"{STATE_DIRECTORY}/left"  # -KIND: the mail has moved away from the store of this kind; it holds which one
SUCCESSOR_MARK = f"{STATE_DIRECTORY}/successor"  # this machine is taking the place of a dead one, or of a dead disk
RELEVO_ROOT = "/opt/relevo"  # its virtual environments and code
RELEVO_PYTHON = f"{RELEVO_ROOT}/current/bin/python"
RELEVO_COMMAND = "/usr/local/bin/relevo"
ASK_AGENT = (RELEVO_PYTHON, "-m", "relevo.agent.ask")  # and what: `relevo.agent.server`


def galera_timing(cluster: Cluster) -> str:
    """Return the options by which the members of the database notice that one is gone, the same for all."""
    periods = [f"{name}=PT{cluster.failover.paced(seconds)}S" for name, seconds in _GALERA_SECONDS.items()]
    return ";".join([*periods, "pc.recovery=TRUE"])


def probe_mailbox(node_name: str, cluster: Cluster) -> str:
    """Return the address of the mailbox that the agent of a mail node logs in to."""
    return f"{PROBE_PREFIX}{node_name}@{cluster.domain}"


def quarantine_mailbox(domain: str) -> str:
    """Return the address of the quarantine, by the platform's first domain."""
    return f"{QUARANTINE_LOCAL_PART}@{domain}"


def held_mailbox(domain: str) -> str:
    """Return the address at which posts wait for an owner of their list, by the platform's first domain."""
    return f"{HELD_LOCAL_PART}@{domain}"


def dkim_zone(cluster: Cluster) -> str:
    """Return the zone of the first domain's DKIM keys, when the platform's own name servers have that domain."""
    return f"_domainkey.{cluster.domain}"


def name_servers(cluster: Cluster) -> tuple[str, ...]:
    """Return the full names of the platform's name servers, the primary first."""
    storage = cluster.storage_node
    return tuple(f"{node.name}.{cluster.domain}" for node in (storage, *(n for n in cluster.peers if n != storage)))


def lmtp_transport(cluster: Cluster) -> str:
    """Return Postfix's transport for mail to a mailbox, the same for every queue: to the holder of the virtual IP."""
    return f"lmtp:inet:{cluster.vip}:{LMTP_PORT}"


def handover_hop(node: Node) -> str:
    """Return the link-local address that a mail node has while it hands sessions over: fe80:: and its IPv4 address.

    The other one passes on to it what belongs to those sessions; neither needs another IPv6 address for that.
    """
    return str(IPv6Address(_LINK_LOCAL + int(node.address)))


def left_mark(kind: str) -> str:
    """Return the file that keeps a mail node from mounting a store that the mail has left."""
    return f"{LEFT_MARK}-{kind}"


def queue_directory(node_name: str) -> str:
    """Return where the messages are that a node's Postfix has accepted, on the shared storage."""
    return f"{QUEUE_ROOT}/{node_name}"
