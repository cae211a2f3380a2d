"""Operating system: see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="base_os", title="operating system", roles=EVERYWHERE)
