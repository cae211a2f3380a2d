"""Virtual IP (keepalived): see README.md beside this file."""

from relevo.services.base import MAIL, Service, one_after_another

# The preferred node first: it is the one that gets the virtual IP of a new platform.
SERVICE = Service(
    name="keepalived",
    title="virtual IP (keepalived)",
    roles=MAIL,
    first=one_after_another,
)
