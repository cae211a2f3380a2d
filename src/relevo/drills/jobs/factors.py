"""The jobs of an administrator's own second factors, and of the own password."""

from __future__ import annotations

import secrets as random
from dataclasses import replace

from relevo.drills.accounts import Account
from relevo.drills.jobs.desk import ADMINISTRATION, Desk
from relevo.drills.jobs.job import Job
from relevo.drills.jobs.office import Office, expect
from relevo.drills.jobs.signing_in import enter_administration
from relevo.i18n import _

# A security key of Chromium's own: https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
_KEY = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}
_SECOND = "/admin/login/second/"


def _app(office: Office) -> str:
    desk, own = office.everything, office.people.everything
    if own.address not in office.factors.keys:
        desk.go("/admin/factors/app/")
        office.factors.set_up(desk, own.address, current=own.password)
    office.leave(own)
    desk = office.everything  # logs in anew, with a code
    expect(own.address in office.factors.codes, _("there were no recovery codes"))
    entry = office.api.read(f"audit?action=admin.login&actor={own.address}")["items"][0]
    return f"{desk.path}; {entry['action']} {entry['at']}"


def _wrong_code(office: Office) -> str:
    with office.stranger() as desk:
        _password(desk, office.people.everything)
        desk.fill(code="000000")
        desk.push("form:has(#id_code) button[type=submit]:visible")
        expect(desk.path == _SECOND, desk.path)
        desk.go(ADMINISTRATION)
        expect(desk.path.startswith("/admin/login/"), desk.path)
        return _("not let in")


def _recovery(office: Office) -> str:
    own = office.people.everything
    code = office.factors.recovery_code(own.address)
    with office.stranger() as desk:
        _password(desk, own)
        desk.fill(code=code)
        desk.push("form:has(#id_code) button[type=submit]:visible")
        expect(desk.path == ADMINISTRATION, desk.path)
    with office.stranger() as desk:
        _password(desk, own)
        desk.fill(code=code)
        desk.push("form:has(#id_code) button[type=submit]:visible")
        expect(desk.path == _SECOND, desk.path)
    return _("good once, and not again")


def _security_key(office: Office) -> str:
    desk, own = office.everything, office.people.everything
    line = desk.page.context.new_cdp_session(desk.page)
    line.send("WebAuthn.enable")
    number = line.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})["authenticatorId"]
    desk.go("/admin/factors/key/")
    desk.fill(name="drill", current=own.password)
    desk.send()
    kept = line.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
    expect(len(kept) == 1, f"{len(kept)} credentials")
    desk.page.context.clear_cookies()
    _password(desk, own)
    desk.push("form[data-question] button[type=submit]:visible")
    expect(desk.path == ADMINISTRATION, desk.path)
    desk.go("/admin/factors/")
    with desk.page.expect_navigation():
        desk.page.click("a[href*='/factors/key/'][href$='/remove/']")
    desk.fill(current=own.password)
    desk.send()
    line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": number})
    done = [one["action"] for one in office.api.read(f"audit?actor={own.address}&limit=4")["items"]]
    expect({"admin.factors.key", "admin.factors.key_removed"} <= set(done), str(done))
    return ", ".join(done)


def _password_changed(office: Office) -> str:
    own = office.people.local
    new = replace(own, password=random.token_urlsafe(18))
    desk = office.local
    with office.stranger() as other:
        enter_administration(other, own, office.factors)
        desk.go("/admin/password_change/")
        desk.fill(current=own.password, password=new.password, again=new.password)
        desk.send()
        other.go(ADMINISTRATION)
        expect(other.path.startswith("/admin/login/"), _("the other session goes on"))
    desk.go(ADMINISTRATION)
    expect(desk.path == ADMINISTRATION, desk.path)
    office.people = replace(office.people, local=new)
    return _("this session goes on, the other one ended")


def _taken_away(office: Office) -> str:
    """Set an app up for the domain's administrator, and have the global one take it away."""
    own, desk = office.people.local, office.local
    desk.go("/admin/factors/app/")
    office.factors.set_up(desk, own.address, current=own.password)
    mine = office.everything
    mine.open_entry("administrator", own.address)
    mine.follow("/factors")
    mine.send()
    del office.factors.keys[own.address]
    desk.go(ADMINISTRATION)
    expect(desk.path.startswith("/admin/login/"), _("still logged in"))
    office.leave(own)
    return office.local.path


def _password(desk: Desk, account: Account) -> None:
    desk.go(ADMINISTRATION)
    desk.fill(username=account.address, password=account.password)
    desk.push("button[type=submit]:visible")
    expect(desk.path == _SECOND, desk.path)


JOBS = (
    Job(_("an administrator sets an app up, and logs in with its code"), _app),
    Job(_("a wrong code"), _wrong_code),
    Job(_("a recovery code"), _recovery),
    Job(_("a security key is added, opens, and is removed"), _security_key),
    Job(_("an administrator changes the own password"), _password_changed),
    Job(_("the second factor of who has lost it is taken away"), _taken_away),
)
