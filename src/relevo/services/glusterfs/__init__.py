"""Replicated storage (GlusterFS): see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="glusterfs", title="replicated storage (GlusterFS)", roles=EVERYWHERE, wanted=lambda cluster: cluster.storage.kind == "glusterfs")
