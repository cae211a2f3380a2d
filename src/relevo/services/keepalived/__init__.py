"""Virtual IP (keepalived): see README.md beside this file."""

from relevo.services.base import MAIL, Service

# The preferred node first: it is the one that gets the virtual IP of a new platform.
SERVICE = Service(
    name="keepalived",
    title="virtual IP (keepalived)",
    roles=MAIL,
    first=lambda cluster: [[node.name] for node in cluster.mail_nodes],
)
