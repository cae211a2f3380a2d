"""File server (NFSv4.2): see README.md beside this file."""

from relevo.services.base import STORAGE, Service

SERVICE = Service(name="nfs", title="file server (NFSv4.2)", roles=STORAGE, wanted=lambda cluster: cluster.storage.kind == "nfs")
