"""Look-ups in DNS, for who has no network: see README.md beside this file."""

from relevo.services.base import MAIL, Service

SERVICE = Service(name="lookup", title="look-ups in DNS", roles=MAIL)
