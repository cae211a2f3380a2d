"""Virtual IP (keepalived): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="keepalived", title="virtual IP (keepalived)", roles=MAIL)
