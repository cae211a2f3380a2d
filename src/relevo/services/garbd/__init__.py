"""Third database vote (garbd): see README.md beside this file."""

from relevo.services.base import STORAGE, Service

SERVICE = Service(name="garbd", title="third database vote (garbd)", roles=STORAGE)
