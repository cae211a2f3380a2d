"""The ways in: a password, and the second factor of who has one, as an app on a phone would show it."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from relevo.drills.accounts import Account
from relevo.drills.jobs.desk import ADMINISTRATION, PORTAL, Desk
from relevo.errors import DrillError
from relevo.i18n import _

_DIGITS, _STEP = 6, 30  # RFC 6238, as every app has them
_SECOND, _SET_UP = "/admin/login/second/", "/admin/login/set-up/"


@dataclass
class Factors:
    """The phone and the paper of everybody: keys of apps and recovery codes by address."""

    keys: dict[str, str] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)

    def code(self, address: str) -> str:
        """Return what the app shows, and never the same twice, since none counts twice.

        The one after that of now counts half a minute early; what comes after both is waited for.
        """
        step = max(int(time.time()) // _STEP, self._used.get(address, 0) + 1)
        time.sleep(max(0.0, (step - 1) * _STEP + 1 - time.time()))
        self._used[address] = step
        key = base64.b32decode(self.keys[address].replace(" ", ""))
        return TOTP(key, _DIGITS, SHA1(), _STEP, enforce_key_length=False).generate(step * _STEP).decode()  # noqa: S303 - RFC 6238's

    def recovery_code(self, address: str) -> str:
        """Return one of the codes on paper, and cross it out."""
        return self.codes[address].pop()

    def set_up(self, desk: Desk, address: str, *, current: str = "") -> None:
        """Set an app up on the page that shows its key, and keep the recovery codes when some come with it."""
        self.keys[address] = desk.page.locator("code.relevo-key, code.key").inner_text()
        self._used.pop(address, None)
        desk.fill(code=self.code(address), **({"current": current} if current else {}))
        desk.send()
        codes = desk.page.locator("ol.relevo-codes code, ol.codes code").all_inner_texts()
        if codes:
            self.codes[address] = codes


def enter_administration(desk: Desk, account: Account, factors: Factors) -> None:
    """Log in to the administration, setting a second factor up where it is demanded; raise DrillError when refused."""
    desk.go(ADMINISTRATION)
    desk.fill(username=account.address, password=account.password)
    desk.push("button[type=submit]:visible")
    if desk.path.startswith(_SECOND):
        desk.fill(code=factors.code(account.address))
        desk.push("form:has(#id_code) button[type=submit]:visible")
    elif desk.path.startswith(_SET_UP):
        desk.follow("/factors/app/")
        factors.set_up(desk, account.address)
        desk.go(ADMINISTRATION)
    _must_be_at(desk, ADMINISTRATION)


def enter_portal(desk: Desk, account: Account, factors: Factors) -> None:
    """Log in to the portal; raise DrillError when refused."""
    desk.go(PORTAL)
    desk.fill(address=account.address, password=account.password)
    desk.send()
    if account.address in factors.keys:
        desk.fill(code=factors.code(account.address))
        desk.send()
    _must_be_at(desk, PORTAL)


def _must_be_at(desk: Desk, path: str) -> None:
    if desk.path != path:
        raise DrillError(f"{desk.path}: {'; '.join(desk.complaints()) or _('not logged in')}")
