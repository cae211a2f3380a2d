"""The list of refused mail that an owner gets, and its links as an owner uses them: in a browser, without a login."""

from __future__ import annotations

import email
import email.policy
import re

from playwright.sync_api import Browser, Page

from relevo.drills.accounts import Account
from relevo.drills.browser import PHONE, shoot, visit
from relevo.drills.letters import Letter
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

_LIST_SECONDS, _READ_SECONDS = 60.0, 60.0
_LINK = re.compile(r"https://\S+/account/release/\S+")


def arrives(world: World, owner: Account, made: Letter) -> str:
    """Have the owner sent the list of now; return the link that delivers a letter."""
    with world.checking(
        _("the owner gets a list of what was refused"), tried="relevo quarantine digest --for",
        expected=_("it arrives once, with a link for the spam"),
    ) as check:
        world.relevo(["quarantine", "digest", "--for", owner.address])
        lists = eventually(lambda: _lists(world, owner), within=_LIST_SECONDS, what=_("the list"))
        world.relevo(["quarantine", "digest", "--for", owner.address])  # nothing is new: no other one
        link = link_in(lists[0], made.token)
        count = len(_lists(world, owner))
        check.saw(_("arrived {count} times, {size} bytes").format(count=count, size=len(lists[0])), good=count == 1)
    return link


def delivers_once(world: World, chromium: Browser, owner: Account, made: Letter, link: str) -> None:
    """Open the link twice, and press the button on both pages."""
    with visit(chromium, PHONE, "es") as context, world.checking(
        _("the link in the list delivers the message"), tried=_("open it in two windows, press the button in both"),
        expected=_("without a login it arrives once; the second one is told that the link has been used"),
    ) as check:
        one, other = context.new_page(), context.new_page()
        for page in (one, other):
            page.goto(link)
        shoot(world, one, _("a link in the list of refused mail"))
        pressed = [_press(page) for page in (one, other)]
        raw = world.mailbox(owner).read(made.token, within=_READ_SECONDS)
        count = len(world.mailbox(owner).all(made.token))
        check.saw(
            _("arrived {count} times, {size} bytes").format(count=count, size=len(raw)),
            good=count == 1 and pressed == [True, False] and b"X-Relevo-Released" in raw,
        )


def link_in(raw: bytes, token: str) -> str:
    """Return the link for the letter with a token out of a list; raise DrillError when there is none."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    entries = str(body.get_content() if body else "").split("\n* ")
    found = next((link for entry in entries if token in entry and (link := _LINK.search(entry))), None)
    if not found:
        raise DrillError(_("the list has no link for {token}").format(token=token))
    return found[0]


def _lists(world: World, owner: Account) -> list[bytes]:
    return world.mailbox(owner).with_subject(owner.address)


def _press(page: Page) -> bool:
    """Have it delivered; tell whether that was done."""
    with page.expect_navigation():
        page.click("button[value=released]")
    return page.locator(".done").count() == 1 and not page.locator(".refused").count()
