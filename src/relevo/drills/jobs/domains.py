"""The jobs of domains; all but the first ones are the global administrator's."""

from __future__ import annotations

from relevo.drills.accounts import Account
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME, MADE, MIRROR
from relevo.i18n import _

_LIMIT = 1


def _made(office: Office) -> str:
    desk = office.everything
    desk.go("/admin/directory/domain/add/")
    desk.fill(name=MADE, mailbox_limit=str(_LIMIT), default_quota_mb="300")
    desk.save()
    told = office.api.fields(f"domains/{MADE}", "enabled", "mailbox_limit", "default_quota_mb", "alias_of")
    expect(told == (True, _LIMIT, 300, ""), str(told))
    office.api.add("mailboxes", address=f"first@{MADE}", password=office.people.other.password)
    quota = office.api.fields(f"mailboxes/first@{MADE}", "quota_mb")
    expect(quota == (300,), str(quota))
    return f"{MADE}: {told}"


def _limited(office: Office) -> str:
    desk = office.everything
    desk.go("/admin/directory/mailbox/add/")
    password = office.people.other.password
    desk.fill(local_part="second", domain=MADE, password=password, again=password)
    desk.refuses(str(_LIMIT))
    expect(not office.api.has(f"mailboxes/second@{MADE}"), f"second@{MADE}")
    return "; ".join(desk.complaints())


def _changed(office: Office) -> str:
    desk = office.local
    desk.open_entry("domain", HOME)
    desk.fill(catch_all=office.people.ana.address, default_quota_mb="700", owners_forward_outside=False)
    desk.save()
    names = ("catch_all", "default_quota_mb", "owners_forward_outside")
    told = office.api.fields(f"domains/{HOME}", *names)
    expect(told == (office.people.ana.address, 700, False), str(told))
    desk.open_entry("domain", HOME)
    desk.fill(owners_forward_outside=True)
    desk.save()
    return str(told)


def _catches_all(office: Office) -> str:
    address = f"nobody.of.that.name@{HOME}"
    expect(office.place.carries(address, office.people.ana), address)
    office.api.change(f"domains/{HOME}", catch_all="")
    return address


def _mirrored(office: Office) -> str:
    desk = office.everything
    desk.go("/admin/directory/domain/add/")
    desk.fill(name=MIRROR, alias_of=HOME)
    desk.save()
    told = office.api.fields(f"domains/{MIRROR}", "alias_of")
    expect(told == (HOME,), str(told))
    return f"{MIRROR} = {HOME}"


def _mirror_carries(office: Office) -> str:
    address = office.people.ana.address.replace(HOME, MIRROR)
    expect(office.place.carries(address, office.people.ana), address)
    return address


def _switched_off(office: Office) -> str:
    owner = Account(f"first@{MADE}", office.people.other.password)
    expect(office.place.opens(owner), f"{owner.address}: refused before")
    _switch(office, on=False)
    expect(not office.place.opens(owner), f"{owner.address}: let in")
    _switch(office, on=True)
    expect(office.place.opens(owner), f"{owner.address}: refused after")
    return owner.address


def _switch(office: Office, *, on: bool) -> None:
    office.everything.open_entry("domain", MADE)
    office.everything.fill(enabled=on)
    office.everything.save()
    expect(office.api.fields(f"domains/{MADE}", "enabled") == (on,), MADE)


def _removed(office: Office) -> str:
    desk = office.everything
    desk.open_entry("domain", MADE)
    desk.follow("/delete/")
    expect(office.api.has(f"domains/{MADE}"), "it was removed without an answer")
    desk.refuses("purge")
    office.api.remove(f"mailboxes/first@{MADE}")
    office.place.relevo(["mailbox", "purge", "--yes", f"first@{MADE}"])
    for name in (MIRROR, MADE):
        desk.remove_entry("domain", name)
        expect(not office.api.has(f"domains/{name}"), name)
    return f"{MIRROR}, {MADE}"


JOBS = (
    Job(_("a domain is made"), _made),
    Job(_("a domain's limit of mailboxes"), _limited),
    Job(_("a domain's administrator sets catch-all, quota and forwarding"), _changed),
    Job(_("the catch-all gets what is for nobody"), _catches_all, needs_mail=True),
    Job(_("a domain becomes another one's alias"), _mirrored),
    Job(_("mail to the alias domain"), _mirror_carries, needs_mail=True),
    Job(_("a domain is switched off and on"), _switched_off),
    Job(_("a domain is removed, once it is empty"), _removed),
)
