"""The jobs of a mailbox's owner: passwords, where mail goes, the absence note, mail programs."""

from __future__ import annotations

import plistlib
import secrets as random
from dataclasses import replace

from relevo.drills.accounts import Account
from relevo.drills.jobs.desk import PORTAL, Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.signing_in import enter_portal
from relevo.errors import DrillError
from relevo.i18n import _

_PROFILE = """
fetch('/account/set-up/profile/').then(answer => answer.arrayBuffer()).then(found => Array.from(new Uint8Array(found)))
"""

_AWAY = "Estoy de viaje, vuelvo el lunes. ¡Gracias!"


def _app_password(office: Office) -> str:
    ana, desk = office.people.ana, office.ana
    desk.go("/account/programs/new/")
    desk.fill(name="Teléfono de Ana", smtp=False, current=ana.password)
    desk.send()
    program = Account(ana.address, desk.page.inner_text("code.secret"))
    seen = office.place.opens(program), office.place.opens(program, "smtp")
    expect(seen == (True, False), str(seen))
    expect(office.api.fields(f"mailboxes/{ana.address}", "app_passwords") == (1,), "app_passwords")
    desk.go("/account/programs/")
    expect(program.password not in desk.page.content(), _("it is shown again"))
    desk.follow("/revoke/")
    expect(office.place.opens(program), _("it was revoked without an answer"))
    desk.send()
    expect(not office.place.opens(program), _("it is let in"))
    return f"IMAP, SMTP: {seen}"


def _password(office: Office) -> str:
    ana, desk = office.people.ana, office.ana
    new = replace(ana, password=random.token_urlsafe(18))
    with office.stranger() as other:
        enter_portal(other, ana, office.factors)
        desk.go("/account/password/")
        desk.fill(current="not this one", password=new.password, again=new.password)
        _refused(desk)
        desk.fill(current=ana.password, password=new.password, again=new.password)
        desk.send()
        office.people = replace(office.people, ana=new)
        other.go(PORTAL)
        expect(other.path == "/account/login/", _("the other session goes on"))
    opens = office.place.opens(ana), office.place.opens(new)
    expect(opens == (False, True), str(opens))
    desk.go(PORTAL)
    expect(desk.path == PORTAL, desk.path)
    return _("the new one alone is good")


def _forwarding(office: Office) -> str:
    ana, luis, desk = office.people.ana, office.people.luis, office.ana
    for to, kept in ((luis.address, True), ("", True)):
        desk.go("/account/forwarding/")
        desk.fill(to=to, keep_copy=kept)
        desk.send()
        told = office.api.fields(f"mailboxes/{ana.address}", "forward")
        expect(told == ([to] if to else [],), str(told))
    return f"{luis.address}, —"


def _absence(office: Office) -> str:
    ana, desk = office.people.ana, office.ana
    desk.go("/account/absence/")
    desk.fill(on=True, text=_AWAY, last="2099-12-31", never="@ads.example")
    desk.send()
    script = office.place.script(ana.address)
    expect(_AWAY in script and "ads.example" in script, script[:300])
    desk.go("/account/absence/")
    desk.fill(on=False)
    desk.send()
    expect("if false" in office.place.script(ana.address), _("it is still answered"))
    return _("on, and off again")


def _programs(office: Office) -> str:
    desk = office.ana
    desk.go("/account/set-up/")
    expect("993" in desk.text() and "465" in desk.text(), desk.text()[:200])
    profile = bytes(desk.page.evaluate(_PROFILE))
    inside = profile[profile.index(b"<?xml"):profile.index(b"</plist>") + len(b"</plist>")]  # it may be signed
    told = plistlib.loads(inside)["PayloadContent"][0]
    expect(told["EmailAddress"] == office.people.ana.address, str(told))
    return f"{told['IncomingMailServerHostName']}:{told['IncomingMailServerPortNumber']}"


def _factor(office: Office) -> str:
    """Set an app up as the second owner, log in with it, then with a recovery code, and take it away."""
    luis, desk = office.people.luis, office.luis
    desk.go("/account/factor/set-up/")
    office.factors.set_up(desk, luis.address, current=luis.password)
    office.leave(luis)
    expect(office.luis.path == PORTAL, office.luis.path)
    code = office.factors.recovery_code(luis.address)
    with office.stranger() as other:
        other.go(PORTAL)
        other.fill(address=luis.address, password=luis.password)
        other.send()
        other.go(PORTAL)
        expect(other.path == "/account/login/", _("the password alone lets in"))
        other.go("/account/login/second/")
        other.fill(code=code)
        other.send()
        expect(other.path == PORTAL, other.path)
    return _taken_away(office, luis)


def _taken_away(office: Office, luis: Account) -> str:
    desk = office.local
    desk.open_entry("mailbox", luis.address)
    desk.follow("/factor/")
    desk.send()
    del office.factors.keys[luis.address]
    office.leave(luis)
    expect(office.luis.path == PORTAL, office.luis.path)
    return _("app and recovery code let in; taken away, the password alone does")


def _refused(desk: Desk) -> None:
    try:
        desk.send()
    except DrillError:
        return
    raise DrillError(_("a wrong password was taken"))


JOBS = (
    Job(_("a password for one program is made and revoked"), _app_password),
    Job(_("an owner changes the password"), _password),
    Job(_("an owner forwards mail, and ends it"), _forwarding),
    Job(_("an owner's absence note"), _absence),
    Job(_("servers and profile for mail programs"), _programs),
    Job(_("an owner's second factor"), _factor),
)
