"""DHCP: see README.md beside this file."""

from relevo.services.base import STORAGE, Service

SERVICE = Service(name="dhcp", title="DHCP", roles=STORAGE, wanted=lambda cluster: cluster.dhcp.server != "none")
