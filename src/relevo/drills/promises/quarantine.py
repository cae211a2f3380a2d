"""What the filter refuses is not lost: a copy is kept, over a failover too, and delivered when its owner wants it.

Given the owner of a mailbox who has blocked a sender,
when spam of that sender's and a forbidden attachment are refused, the owner is sent a list of them, and the active node
loses power (outside a lab: hands over),
then the copies are there; the owner has one spam delivered in the portal and the other by its link in the list, each
once, and an administrator the attachment.
"""

from __future__ import annotations

import json
import secrets as random

from playwright.sync_api import Page

from relevo.drills import daily_list, losing
from relevo.drills.accounts import Account
from relevo.drills.browser import CHROMIUM, PHONE, browser, shoot, visit, wait_for_web
from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, attach, letter
from relevo.drills.mending import whole_again
from relevo.drills.tidy import removed, without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _

_KEPT_SECONDS, _READ_SECONDS = 60.0, 60.0


def run(world: World) -> None:
    """Be refused, and delivered after all."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("quarantine"), _("Chromium is not installed here (apt install chromium)"))
        return
    world.until_healthy()
    owner = Account(f"drill-refused@{world.cluster.domain}", random.token_urlsafe(18))
    rule = ["sender", "remove", world.stranger, "--for", owner.address]
    with without_mailboxes(world, owner), removed(world, [rule]), browser(world) as chromium:
        world.relevo(["mailbox", "add", owner.address, "--password-stdin"], owner.password + "\n")
        world.relevo(["sender", "block", world.stranger, "--for", owner.address])
        spam = letter(world.stranger, owner.address, "refused")
        program = attach(letter(world.stranger, owner.address, "program"), "invoice.exe", b"MZ" + bytes(512))
        listed = letter(world.stranger, owner.address, "listed")
        for title, made in (
            (_("mail of a blocked sender"), spam), (_("another one"), listed), (_("a program as attachment"), program),
        ):
            _refused(world, title, made, owner)
        link = daily_list.arrives(world, owner, listed) if world.cluster.filter.sends_digest else ""
        with visit(chromium, PHONE, "es") as context:
            page = context.new_page()
            _over_a_failover(world, page, owner, spam)
            _delivered_once(world, page, owner, spam)
        if link:
            daily_list.delivers_once(world, chromium, owner, listed, link)
        _by_an_administrator(world, owner, program)
        whole_again(world, _("quarantine"))


def _refused(world: World, title: str, made: Letter, owner: Account) -> None:
    with world.checking(
        title, tried=_("send it from outside to port 25"), expected=_("5xx at the end of data, and a copy is kept"),
    ) as check:
        receipt = world.mail.send(made.raw, world.stranger, [owner.address])
        number = eventually(lambda: _kept(world, made), within=_KEPT_SECONDS, what=_("the copy in the quarantine"))
        arrived = world.mailbox(owner).all(made.token)
        good = receipt.answer.refused and receipt.answer.step == "end" and not arrived
        check.saw(_("{answer}; kept as {number}").format(answer=receipt.answer, number=number), good=good)


def _over_a_failover(world: World, page: Page, owner: Account, made: Letter) -> None:
    victim = world.active
    with world.checking(
        _("the copies survive a failover"), tried=losing.in_words(world, victim),
        expected=_("the owner, who was logged in before, sees it in the portal"),
    ) as check:
        page.goto(_url(world))
        page.fill("#id_address", owner.address)
        page.fill("#id_password", owner.password)
        with page.expect_navigation():
            page.click("main form button:visible")
        losing.lose(world, victim)
        wait_for_web(page)
        eventually(lambda: _sees(world, page, made), within=_KEPT_SECONDS, what=_("the copy in the portal"))
        shoot(world, page, _("portal: refused mail"))
        check.saw(_("it is there"), good=True)


def _delivered_once(world: World, page: Page, owner: Account, made: Letter) -> None:
    with world.checking(
        _("the owner has it delivered"), tried=_("open it and press the button, twice"),
        expected=_("it arrives once, from its own sender"),
    ) as check:
        page.click(f"a:has-text('{made.token}')")
        shoot(world, page, _("portal: a refused message"))
        place = page.url
        with page.expect_navigation():
            page.click("button[value=released]")
        page.goto(place)
        again = page.locator("button[value=released]").count()
        raw = world.mailbox(owner).read(made.token, within=_READ_SECONDS)
        count = len(world.mailbox(owner).all(made.token))
        check.saw(
            _("arrived {count} times, {size} bytes").format(count=count, size=len(raw)),
            good=count == 1 and not again and b"X-Relevo-Released" in raw and b"relevo-quarantine" not in raw,
        )


def _by_an_administrator(world: World, owner: Account, made: Letter) -> None:
    with world.checking(
        _("an administrator has the program delivered"), tried="relevo quarantine release", expected=_("it arrives"),
    ) as check:
        number = eventually(lambda: _kept(world, made), within=_KEPT_SECONDS, what=_("the copy in the quarantine"))
        world.relevo(["quarantine", "release", number])
        raw = world.mailbox(owner).read(made.token, within=_READ_SECONDS)
        check.saw(_("read: {size} bytes").format(size=len(raw)), good=b"invoice.exe" in raw)


def _kept(world: World, made: Letter) -> str:
    """Return the id of a letter's copy, empty when there is none."""
    told = json.loads(world.relevo(["quarantine", "list", "--search", made.token, "--format", "json"]))
    return str(told[0]["id"]) if told else ""


def _sees(world: World, page: Page, made: Letter) -> bool:
    page.goto(_url(world, "quarantine/"))
    return page.locator(f"a:has-text('{made.token}')").count() == 1


def _url(world: World, path: str = "") -> str:
    return f"https://{world.cluster.hostname}/account/{path}"


DRILL = Drill(
    "quarantine", _("Quarantine"),
    _("What the filter refuses is not lost: its owner has it delivered, over a failover too."), run,
)
