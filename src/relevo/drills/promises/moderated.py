"""A post that waits for a list's owner is not lost and reaches each member once, over a failover too.

Given a list with two members that holds posts of others than may post, and its owner,
when a stranger posts to it, its owner is told, and the active node loses power (outside a lab: hands over),
then the post was accepted and nobody has it; the owner lets it through by the link at the other node, in two windows at
once, and each member has it once; the owner's own post goes straight to the members.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import secrets as random

from playwright.sync_api import Browser, Page

from relevo.drills import losing
from relevo.drills.accounts import Account
from relevo.drills.browser import CHROMIUM, PHONE, browser, shoot, visit, wait_for_web
from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, letter
from relevo.drills.mending import whole_again
from relevo.drills.tidy import removed, without_mailboxes
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

_HELD_SECONDS, _TOLD_SECONDS, _READ_SECONDS = 60.0, 60.0, 60.0
_TELL = "relevo-held.service"  # what its timer starts every five minutes
_LINK = re.compile(r"https://\S+/account/held/decide/\S+")


def run(world: World) -> None:
    """Post, wait, and be let through."""
    if not CHROMIUM.exists():
        world.recorder.not_run(_("moderated list"), _("Chromium is not installed here (apt install chromium)"))
        return
    world.until_healthy()
    domain = world.cluster.domain
    owner, *members = (
        Account(f"drill-moderated-{name}@{domain}", random.token_urlsafe(18)) for name in ("owner", "one", "two")
    )
    address = f"drill-moderated@{domain}"
    with without_mailboxes(world, owner, *members), removed(world, [["list", "remove", address]]):
        for account in (owner, *members):
            world.relevo(["mailbox", "add", account.address, "--password-stdin"], account.password + "\n")
        names = [word for one in members for word in ("--member", one.address)]
        world.relevo(["list", "add", address, *names, "--hold", "others", "--owner", owner.address])
        post = letter(world.stranger, address, "held")
        with browser(world) as chromium:
            _waits(world, address, post, members)
            link = _told(world, owner, post)
            _let_through(world, chromium, link, post, members)
        _own_post(world, owner, address, members)
        whole_again(world, _("moderated list"))


def _waits(world: World, address: str, post: Letter, members: list[Account]) -> None:
    with world.checking(
        _("a stranger's post to a list that holds it"), tried=_("send it from outside to port 25"),
        expected=_("250, it waits, and no member has it"),
    ) as check:
        answer = world.mail.send(post.raw, world.stranger, [address]).answer
        number = eventually(lambda: _held(world, post), within=_HELD_SECONDS, what=_("the post among those that wait"))
        early = sum(len(world.mailbox(one).all(post.token)) for one in members)
        check.saw(_("{answer}; it waits as {number}").format(answer=answer, number=number),
                  good=not answer.refused and not early)


def _told(world: World, owner: Account, post: Letter) -> str:
    """Return the link of the post out of the mail that its owner gets."""
    with world.checking(
        _("the list's owner is told"), tried=_TELL, expected=_("one mail with a link for the post, and no second one"),
    ) as check:
        for _time in range(2):
            world.active.run("systemctl", "start", _TELL)
        mails = eventually(lambda: _mails(world, owner), within=_TOLD_SECONDS, what=_("the mail to the owner"))
        found = link_in(mails[0], post.token)
        check.saw(_("arrived {count} times, {size} bytes").format(count=len(mails), size=len(mails[0])),
                  good=len(mails) == 1)
    return found


def _let_through(world: World, chromium: Browser, link: str, post: Letter, members: list[Account]) -> None:
    victim = world.active
    with visit(chromium, PHONE, "es") as context, world.checking(
        _("the owner lets it through after a failover"),
        tried=_("{loss}; then open the link in two windows, press the button in both").format(
            loss=losing.in_words(world, victim)),
        expected=_("without a login; each member has it once, from its own sender"),
    ) as check:
        one, other = context.new_page(), context.new_page()
        one.goto(link)  # before it, too: a link that was only opened stays good
        losing.lose(world, victim)
        wait_for_web(one)
        for page in (one, other):
            eventually(lambda page=page: _shows(page, link), within=_HELD_SECONDS, what=_("the post behind the link"))  # type: ignore[misc]
        shoot(world, one, _("a link of a post that waits"))
        pressed = [_press(page) for page in (one, other)]
        raws = [world.mailbox(member).read(post.token, within=_READ_SECONDS) for member in members]
        counts = [len(world.mailbox(member).all(post.token)) for member in members]
        check.saw(
            _("members have it {counts} times").format(counts=" + ".join(map(str, counts))),
            good=set(counts) == {1} and pressed == [True, False] and all(_is_whole(raw, post) for raw in raws)
            and not _held(world, post),
        )


def _own_post(world: World, owner: Account, address: str, members: list[Account]) -> None:
    with world.checking(
        _("the owner's own post"), tried=_("send it by port 587"), expected=_("each member has it at once"),
    ) as check:
        made = letter(owner.address, address, "own")
        world.mail.submit(made.raw, owner, [address])
        sizes = [len(world.mailbox(member).read(made.token, within=_READ_SECONDS)) for member in members]
        check.saw(_("read: {size} bytes").format(size=sizes[0]), good=not _held(world, made))


def link_in(raw: bytes, token: str) -> str:
    """Return the link for the post with a token out of the mail; raise DrillError when there is none."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    entries = str(body.get_content() if body else "").split("\n* ")
    found = next((link for entry in entries if token in entry and (link := _LINK.search(entry))), None)
    if not found:
        raise DrillError(_("the mail has no link for {token}").format(token=token))
    return found[0]


def _held(world: World, made: Letter) -> str:
    """Return the id of a post that waits, empty when it does not."""
    told = json.loads(world.relevo(["list", "held", "--search", made.token, "--format", "json"]))
    return str(told[0]["id"]) if told else ""


def _mails(world: World, owner: Account) -> list[bytes]:
    return world.mailbox(owner).with_subject("drill-moderated@")


def _shows(page: Page, link: str) -> bool:
    page.goto(link)
    return page.locator("button[value=approved]").count() == 1


def _press(page: Page) -> bool:
    """Let it through; tell whether that was done."""
    with page.expect_navigation():
        page.click("button[value=approved]")
    return page.locator(".done").count() == 1 and not page.locator(".refused").count()


def _is_whole(raw: bytes, post: Letter) -> bool:
    body = post.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip()
    return body in raw.replace(b"\r\n", b"\n") and b"\nX-Spam-" not in raw.replace(b"\r\n", b"\n")


DRILL = Drill(
    "moderated", _("Moderated list"),
    _("A post that waits for a list's owner is let through once, over a failover too."), run,
)
