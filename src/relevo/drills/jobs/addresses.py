"""The jobs of aliases and distribution lists, by the administrator of their domain."""

from __future__ import annotations

from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME
from relevo.i18n import _

ALIAS, LIST = f"ventas@{HOME}", f"todos@{HOME}"


def _alias_made(office: Office) -> str:
    desk, ana = office.local, office.people.ana.address
    desk.go("/admin/directory/alias/add/")
    desk.fill(local_part="ventas", domain=HOME, to=f"{ana}\n{office.people.luis.address}")
    desk.save()
    told = office.api.fields(f"aliases/{ALIAS}", "to", "enabled")
    expect(told == ([ana, office.people.luis.address], True), str(told))
    return str(told)


def _alias_carries(office: Office) -> str:
    expect(office.place.carries(ALIAS, office.people.luis), ALIAS)
    return ALIAS


def _alias_changed(office: Office) -> str:
    desk = office.local
    desk.open_entry("alias", ALIAS)
    desk.fill(to=office.people.ana.address, enabled=False)
    desk.save()
    told = office.api.fields(f"aliases/{ALIAS}", "to", "enabled")
    expect(told == ([office.people.ana.address], False), str(told))
    return str(told)


def _alias_removed(office: Office) -> str:
    office.local.remove_entry("alias", ALIAS)
    expect(not office.api.has(f"aliases/{ALIAS}"), ALIAS)
    return ALIAS


def _list_made(office: Office) -> str:
    desk, ana, luis = office.local, office.people.ana.address, office.people.luis.address
    desk.go("/admin/directory/distributionlist/add/")
    desk.fill(local_part="todos", domain=HOME, name="Todos & más", members=f"{ana}, {luis}", policy="anyone")
    desk.save()
    told = office.api.fields(f"lists/{LIST}", "name", "members", "policy")
    expect(told == ("Todos & más", [ana, luis], "anyone"), str(told))
    return str(told)


def _list_carries(office: Office) -> str:
    expect(all(office.place.carries(LIST, one) for one in (office.people.ana, office.people.luis)), LIST)
    return LIST


def _list_changed(office: Office) -> str:
    desk, ana = office.local, office.people.ana.address
    desk.open_entry("distributionlist", LIST)
    desk.fill(members=ana, policy="who is named below", senders=ana)
    desk.save()
    told = office.api.fields(f"lists/{LIST}", "members", "policy", "senders")
    expect(told == ([ana], "named", [ana]), str(told))
    return str(told)


def _list_refuses(office: Office) -> str:
    expect(office.place.turns_away(LIST), LIST)
    return LIST


def _list_removed(office: Office) -> str:
    office.local.remove_entry("distributionlist", LIST)
    expect(not office.api.has(f"lists/{LIST}"), LIST)
    return LIST


JOBS = (
    Job(_("an alias is made"), _alias_made),
    Job(_("mail to the alias"), _alias_carries, needs_mail=True),
    Job(_("an alias is changed"), _alias_changed),
    Job(_("an alias is removed"), _alias_removed),
    Job(_("a list is made"), _list_made),
    Job(_("mail to the list"), _list_carries, needs_mail=True),
    Job(_("a list is changed: only who is named may post"), _list_changed),
    Job(_("mail to the list from who may not post"), _list_refuses, needs_mail=True),
    Job(_("a list is removed"), _list_removed),
)
