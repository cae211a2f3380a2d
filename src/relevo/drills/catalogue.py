"""All drills, in the order in which they run: what breaks nothing first, power cuts last."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from relevo.drills.drill import Drill
from relevo.drills.promises import (
    administration,
    agents,
    alerts,
    authentication,
    chaos,
    data,
    distribution,
    dns_and_dhcp,
    failover,
    idle,
    ipv6,
    jobs,
    load,
    locks,
    lossless,
    moderated,
    move,
    owners,
    partitions,
    planned,
    portal,
    power,
    programs,
    quarantine,
    round_trip,
    services,
    setting_up,
    shared,
    shutdown,
    storage,
    store_away,
    successor,
    takeover,
    transport,
    use,
    virus,
    zombie,
)
from relevo.errors import UsageError
from relevo.i18n import _

DRILLS: tuple[Drill, ...] = (
    round_trip.DRILL,  # if mail doesn't flow, nothing else means much
    transport.DRILL,
    virus.DRILL,
    authentication.DRILL,
    dns_and_dhcp.DRILL,
    setting_up.DRILL,
    data.DRILL,
    failover.DRILL,
    takeover.DRILL,
    idle.DRILL,
    locks.DRILL,
    administration.DRILL,
    portal.DRILL,
    quarantine.DRILL,
    moderated.DRILL,
    shared.DRILL,
    use.DRILL,
    jobs.DRILL,
    programs.DRILL,
    ipv6.DRILL,
    lossless.DRILL,
    zombie.DRILL,
    agents.DRILL,
    alerts.DRILL,
    services.DRILL,
    partitions.DRILL,
    planned.DRILL,
    storage.DRILL,
    store_away.DRILL,
    power.DRILL,
    shutdown.DRILL,
    load.DRILL,
    successor.DRILL,
    move.DRILL,
    distribution.DRILL,
    owners.DRILL,
    chaos.DRILL,
)


def chosen(names: Sequence[str]) -> tuple[Drill, ...]:
    """Return the drills of these names; without any, all but the long ones. Raise UsageError for what is no drill."""
    known = [drill.name for drill in DRILLS]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = _("did you mean {near}?").format(near=near[0]) if near else _("there are: ") + ", ".join(known)
            raise UsageError(_("there is no drill {name}: {hint}").format(name=name, hint=hint))
    return tuple(drill for drill in DRILLS if (drill.name in names if names else not drill.long))
