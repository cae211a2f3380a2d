"""The jobs of mailboxes, by the administrator of their domain."""

from __future__ import annotations

import secrets as random

from relevo.drills.accounts import Account
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME
from relevo.i18n import _

EVA = f"eva@{HOME}"
_passwords = [random.token_urlsafe(18), random.token_urlsafe(18)]  # of hers: the first, and the one after it


def _made(office: Office) -> str:
    desk = office.local
    desk.go("/admin/directory/mailbox/add/")
    desk.fill(
        local_part="eva", domain=HOME, name="Éva Ñusta Íñiguez", password=_passwords[0], again=_passwords[0],
        quota_mb="250",
    )
    desk.save()
    told = office.api.fields(f"mailboxes/{EVA}", "name", "quota_mb", "enabled", "forward")
    expect(told == ("Éva Ñusta Íñiguez", 250, True, []), str(told))
    expect(office.place.opens(Account(EVA, _passwords[0])), _("its owner is not let in"))
    return str(told)


def _receives(office: Office) -> str:
    expect(office.place.carries(EVA, Account(EVA, _passwords[0])), EVA)
    return EVA


def _changed(office: Office) -> str:
    desk = office.local
    desk.open_entry("mailbox", EVA)
    desk.fill(quota_mb="500", forward=office.people.ana.address, keep_copy=True)
    desk.save()
    told = office.api.fields(f"mailboxes/{EVA}", "quota_mb", "forward", "keep_copy")
    expect(told == (500, [office.people.ana.address], True), str(told))
    return str(told)


def _forwards(office: Office) -> str:
    expect(office.place.carries(EVA, office.people.ana), office.people.ana.address)
    return office.people.ana.address


def _circle(office: Office) -> str:
    desk = office.local
    desk.open_entry("mailbox", office.people.ana.address)
    desk.fill(forward=EVA)
    desk.refuses(EVA)
    told = office.api.fields(f"mailboxes/{office.people.ana.address}", "forward")
    expect(told == ([],), str(told))
    return "; ".join(desk.complaints())


def _password(office: Office) -> str:
    desk = office.local
    desk.open_entry("mailbox", EVA)
    desk.fill(password=_passwords[1], again=_passwords[1])
    desk.save()
    old, new = (office.place.opens(Account(EVA, one)) for one in _passwords)
    expect(new and not old, _("old one: {old}, new one: {new}").format(old=old, new=new))
    return _("the new one alone is good")


def _protocols(office: Office) -> str:
    seen = {name: office.place.opens(Account(EVA, _passwords[1]), name) for name in ("imap", "pop3", "smtp")}
    expect(all(seen.values()), str(seen))
    return ", ".join(seen)


def _switched_off(office: Office) -> str:
    desk, owner = office.local, Account(EVA, _passwords[1])
    for on in (False, True):
        desk.open_entry("mailbox", EVA)
        desk.fill(enabled=on)
        desk.save()
        expect(office.place.opens(owner) is on, f"{EVA}: {on}")
    return EVA


def _removed(office: Office) -> str:
    desk, owner = office.local, Account(EVA, _passwords[1])
    desk.remove_entry("mailbox", EVA)
    expect(not office.api.has(f"mailboxes/{EVA}"), EVA)
    expect(not office.place.opens(owner), _("its owner is let in"))
    desk.open_entry("mailbox", EVA, "&removed=yes")
    desk.follow("/restore")
    desk.send()
    expect(office.place.opens(owner), _("its owner is not let in"))
    return _("gone, and back with its password")


def _turned_away(office: Office) -> str:
    office.local.remove_entry("mailbox", EVA)
    expect(office.place.turns_away(EVA), EVA)
    return EVA


JOBS = (
    Job(_("a mailbox is made"), _made),
    Job(_("mail to the new mailbox"), _receives, needs_mail=True),
    Job(_("a mailbox gets another quota, and forwarding"), _changed),
    Job(_("mail goes on to where it is forwarded"), _forwards, needs_mail=True),
    Job(_("forwarding in a circle is refused"), _circle),
    Job(_("a mailbox gets another password"), _password),
    Job(_("a mailbox opens by each protocol"), _protocols),
    Job(_("a mailbox is switched off and on"), _switched_off),
    Job(_("a mailbox is removed and brought back"), _removed),
    Job(_("mail to a removed mailbox"), _turned_away, needs_mail=True),
)
