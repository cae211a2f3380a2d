"""The jobs of administrators and of tokens for programs, by the global administrator."""

from __future__ import annotations

import secrets as random

from relevo.drills.accounts import Account
from relevo.drills.jobs.api import Api
from relevo.drills.jobs.desk import ADMINISTRATION
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.people import HOME, OTHER
from relevo.i18n import _

_HELPER = Account(f"drill-helper@admins.{HOME}", random.token_urlsafe(18))
_TOKEN = "drill CRM"  # noqa: S105 - the name of a program
_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403


def _made(office: Office) -> str:
    desk = office.everything
    desk.go("/admin/directory/administrator/add/")
    desk.fill(address=_HELPER.address, password=_HELPER.password, again=_HELPER.password)
    desk.tick(HOME)
    desk.save()
    told = office.api.fields(f"administrators/{_HELPER.address}", "role", "domains", "enabled")
    expect(told == ("domain", [HOME], True), str(told))
    return str(told)


def _works_at_once(office: Office) -> str:
    """Log in as the new one; the role changes, and then the switch, while they are logged in."""
    with office.stranger() as theirs:
        theirs.go(ADMINISTRATION)
        theirs.fill(username=_HELPER.address, password=_HELPER.password)
        theirs.push("button[type=submit]:visible")
        theirs.go(f"/admin/directory/mailbox/?q={OTHER}")
        expect(OTHER not in theirs.page.inner_text("#content, main"), _("sees what is not theirs"))
        desk = office.everything
        desk.open_entry("administrator", _HELPER.address)
        desk.tick(OTHER)
        desk.save()
        theirs.go("/admin/directory/domain/")
        expect(OTHER in theirs.text(), _("does not see what became theirs"))
        desk.open_entry("administrator", _HELPER.address)
        desk.fill(enabled=False)
        desk.save()
        theirs.go(ADMINISTRATION)
        expect(theirs.path.startswith("/admin/login/"), theirs.path)
        return _("sees another domain at once, and is thrown out when switched off")


def _removed(office: Office) -> str:
    office.everything.remove_entry("administrator", _HELPER.address)
    expect(not office.api.has(f"administrators/{_HELPER.address}"), _HELPER.address)
    return _HELPER.address


def _token(office: Office) -> str:
    desk = office.local
    desk.go("/admin/directory/apitoken/add/")
    desk.fill(name=_TOKEN, days="1")
    desk.tick("mailboxes:read")
    desk.save()
    program = Api(office.place, desk.page.inner_text(".relevo-token code"))
    said = [program.ask("GET", path).status for path in (
        f"mailboxes/{office.people.ana.address}", f"mailboxes/{office.people.other.address}", f"domains/{HOME}",
    )]
    expect(said == [_OK, 404, _FORBIDDEN], str(said))
    desk.go("/admin/directory/apitoken/")
    expect(program.token not in desk.page.content(), _("the token is shown again"))
    desk.remove_entry("apitoken", _TOKEN)
    gone = program.ask("GET", "mailboxes").status
    expect(gone == _UNAUTHORIZED, str(gone))
    return f"{said}, {gone}"


JOBS = (
    Job(_("an administrator of a domain is made"), _made),
    Job(_("an administrator's domains change, and they are switched off"), _works_at_once),
    Job(_("an administrator is removed"), _removed),
    Job(_("a token for a program: shown once, good for its scopes, removed"), _token),
)
