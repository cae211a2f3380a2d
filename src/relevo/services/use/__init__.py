"""Who uses a mailbox, and how full it is: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="use", title="use of mailboxes", roles=MAIL)
