"""A real browser (headless Chromium) that finds the platform at its virtual IP, at a desk or on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from relevo.deploy.shell import patience
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError
from relevo.i18n import _

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)
_ANSWER_MS = 20_000.0  # that a page may take for what it is asked, on a machine of usual speed
_BACK_SECONDS = 30.0  # after a power cut: until a page comes again
# What the page that is open in the browser can find out without being left.
_FETCH = """
fetch('/admin/static/relevo/icon.svg', {cache: 'no-store', signal: AbortSignal.timeout(1000)})
    .then(answer => answer.ok, () => false)
"""


@dataclass(frozen=True)
class Screen:
    """What somebody looks at; sizes are in pixels."""

    width: int
    height: int
    phone: bool = False


DESK, PHONE = Screen(1280, 900), Screen(390, 844, phone=True)


@contextmanager
def browser(world: World) -> Iterator[Browser]:
    """Start a browser."""
    mapped = f"--host-resolver-rules=MAP {world.cluster.hostname} {world.cluster.vip}"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, mapped])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def visit(browser: Browser, screen: Screen, language: str = "en") -> Iterator[BrowserContext]:
    """Be a visitor whom nobody knows yet; raise DrillError when a page does not do what it should.

    The browser doesn't know the internal CA; the certificate is checked by the drill `transport`.
    """
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": screen.width, "height": screen.height}, is_mobile=screen.phone,
        has_touch=screen.phone, locale=language,
    )
    context.set_default_timeout(_ANSWER_MS * patience())
    try:
        yield context
    except BrowserError as error:
        raise DrillError(error.message.splitlines()[0]) from None
    finally:
        context.close()


def wait_for_web(page: Page) -> None:
    """Wait until the platform answers again, without leaving the page."""
    eventually(lambda: page.evaluate(_FETCH), within=_BACK_SECONDS, what=_("the web to answer again"), every=0.2)


def shoot(world: World, page: Page, title: str) -> None:
    """Take a picture of what is seen, for the report."""
    world.recorder.picture(title, page.screenshot())
