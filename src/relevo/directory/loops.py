"""Mail must not run in circles: walk from an address along aliases, lists, forwarding and catch-alls, as Postfix does.

Called after the rows of a change are written and before they are committed: what is walked is what would be. As every
change is checked, a new circle can only be one through the address that has just changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from relevo.directory.addresses import any_address
from relevo.directory.models import AliasTarget, Domain, Forward, ListMember, MirroredAddress
from relevo.directory.registry import existing
from relevo.errors import DirectoryError
from relevo.i18n import _


def require_no_loop(start: str) -> None:
    """Raise DirectoryError, showing the way, when mail to `start` (an address, or `@domain`) would come back to it."""
    came_from: dict[str, str] = {}
    level = {start}
    while level:
        steps = _steps(level)
        level = set()
        for source, targets in steps.items():
            for target in targets:
                if target == start:
                    raise DirectoryError(
                        _("mail would run in a circle: {loop}").format(loop=_path(came_from, start, source))
                    )
                if target not in came_from:
                    came_from[target] = source
                    level.add(target)


def _path(came_from: dict[str, str], start: str, last: str) -> str:
    way = [start, last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return " → ".join(reversed(way))


def _steps(sources: Iterable[str]) -> dict[str, list[str]]:
    """Return where mail to each of the addresses goes on to, one step further."""
    wanted = set(sources)
    steps: dict[str, list[str]] = defaultdict(list)
    rows = (
        AliasTarget.objects.filter(alias__address__in=wanted).values_list("alias__address", "target"),
        ListMember.objects.filter(list__address__in=wanted).values_list("list__address", "address"),
        Forward.objects.filter(mailbox__address__in=wanted, mailbox__removed_at=None)
        .values_list("mailbox__address", "target"),
        MirroredAddress.objects.filter(address__in=wanted).values_list("address", "target"),
        Domain.objects.filter(at_name__in=wanted).exclude(catch_all="").values_list("at_name", "catch_all"),
    )
    for pairs in rows:
        for source, target in pairs:
            steps[source].append(target)
    for source, target in _without_tag_or_unknown(wanted - set(steps)):
        steps[source].append(target)
    return steps


def _without_tag_or_unknown(addresses: set[str]) -> Iterable[tuple[str, str]]:
    """Postfix tries an address without its plus tag, then the domain's catch-all."""
    parsed = {address: any_address(address) for address in addresses if not address.startswith("@")}
    known = existing(parsed)
    catch_all = _catch_alls({address.domain for address in parsed.values()})
    for text, address in parsed.items():
        if address.without_tag != text:
            yield text, address.without_tag
        elif text not in known and address.domain in catch_all:
            yield text, catch_all[address.domain]


def _catch_alls(names: set[str]) -> dict[str, str]:
    domains = Domain.objects.select_related("alias_of").filter(name__in=names)
    owners = {domain.name: domain.alias_of or domain for domain in domains}
    return {name: owner.at_name for name, owner in owners.items() if owner.catch_all}
