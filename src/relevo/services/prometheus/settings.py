"""Packages, units and limits of the monitoring."""

from __future__ import annotations

from relevo.cluster.wires import NOTIFY_URLS
from relevo.services.base import Context

UNIT = "prometheus.service"
ALERTMANAGER_UNIT = "prometheus-alertmanager.service"
METRICS_UNIT = "relevo-metrics.service"
NOTIFY_UNIT = "relevo-notify.service"
WATCH_UNIT = "relevo-watch.service"  # on the mail nodes
UNITS = (METRICS_UNIT, NOTIFY_UNIT, ALERTMANAGER_UNIT, UNIT)
CONFIG = "/etc/prometheus/prometheus.yml"
RULES = "/etc/prometheus/relevo.rules.yml"
ALERTMANAGER_CONFIG = "/etc/prometheus/alertmanager.yml"
_UNITS = "/etc/systemd/system"
# What each unit reads, so that it is restarted when that changes.
METRICS_FILES = (f"{_UNITS}/{METRICS_UNIT}",)
WATCH_FILES = (f"{_UNITS}/{WATCH_UNIT}", NOTIFY_URLS)
NOTIFY_FILES = (f"{_UNITS}/{NOTIFY_UNIT}", NOTIFY_URLS)
ALERTMANAGER_FILES = (
    ALERTMANAGER_CONFIG, "/etc/default/prometheus-alertmanager", f"{_UNITS}/{ALERTMANAGER_UNIT}.d/relevo.conf",
)
PROMETHEUS_FILES = (CONFIG, RULES, "/etc/default/prometheus", f"{_UNITS}/{UNIT}.d/relevo.conf")

SCRAPE_SECONDS = 5
MOST_DISK = "2GB"  # of figures; 30 days of three machines are about 0.3 GB
MEMORY_MB = 192  # at which Go's collector begins to work harder; systemd's limit is twice as high


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the Debian packages: Prometheus brings promtool, Alertmanager has amtool in it."""
    wanted = ctx.cluster.alerts.enabled and ctx.node.is_storage
    return ("prometheus", "prometheus-alertmanager") if wanted else ()
