"""Mail transport (Postfix): see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="postfix", title="mail transport (Postfix)", roles=MAIL)
