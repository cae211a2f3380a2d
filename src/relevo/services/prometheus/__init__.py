"""Monitoring and alerts: see README.md beside this file."""

from relevo.services.base import EVERYWHERE, Service

SERVICE = Service(name="prometheus", title="monitoring and alerts (Prometheus)", roles=EVERYWHERE)
