"""The jobs of DKIM keys and of the records that a domain needs."""

from __future__ import annotations

from relevo.drills.jobs.desk import Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME
from relevo.i18n import _


def _shown(office: Office) -> str:
    desk = office.local
    _page(desk)
    said = desk.text()
    records = office.api.read(f"domains/{HOME}/dns")["records"]
    missing = [one["name"] for one in records if one["name"] not in said]
    expect(records and not missing, str(missing))
    return _("{count} records").format(count=len(records))


def _signs(office: Office) -> str:
    """Have the key sign that came with the domain, though nobody sees it in DNS: for that the page asks twice."""
    desk = office.everything
    [selector] = _keys(office, "new")
    _page(desk)
    _do(desk, "sign_unseen", selector)
    expect(not _keys(office, "signing"), _("it signs without an answer"))
    desk.send()
    expect(_keys(office, "signing") == [selector], str(_keys(office, "signing")))
    return selector


def _rotated(office: Office) -> str:
    """Make a new key, as the domain's administrator may; the old one goes on until the new one is seen."""
    desk = office.local
    _page(desk)
    desk.press("button[value=make]")
    [new], [old] = _keys(office, "new"), _keys(office, "signing")
    _page(office.everything)
    _do(office.everything, "sign_unseen", new)
    office.everything.send()
    expect((_keys(office, "signing"), _keys(office, "retired")) == ([new], [old]), str(_keys(office, "signing")))
    return f"{old} → {new}"


def _deleted(office: Office) -> str:
    desk = office.everything
    [old], [new] = _keys(office, "retired"), _keys(office, "signing")
    _page(desk)
    _do(desk, "delete_now", old)
    desk.send()
    _page(desk)
    _do(desk, "retire", new)
    desk.send()
    expect(not _keys(office, "signing") and old not in _keys(office, "retired"), old)
    return _("{old} is deleted, {new} does not sign any more").format(old=old, new=new)


def _keys(office: Office, state: str) -> list[str]:
    told = office.api.read(f"domains/{HOME}/dkim")
    return [key["selector"] for key in told["items"] if key["state"] == state]


def _page(desk: Desk) -> None:
    desk.open_entry("domain", HOME)
    desk.follow("/dns")


def _do(desk: Desk, do: str, selector: str) -> None:
    form = f"form:has(input[name=selector][value='{selector}']):has(button[value={do}])"
    desk.push(f"{form} button[value={do}]")


JOBS = (
    Job(_("a domain's records and keys are shown"), _shown),
    Job(_("a DKIM key signs"), _signs),
    Job(_("another DKIM key takes its place"), _rotated),
    Job(_("a DKIM key is deleted, and signing stopped"), _deleted),
)
