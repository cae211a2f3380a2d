"""Ana writes to Luis in the webmail, and Luis reads it in his: what the tutorial has its reader do in a browser.

A program of its own, since it runs in the network of the lab's client. Its argument: the seconds that a page may take.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Browser, Page, sync_playwright

from relevo.drills.browser import CHROMIUM, FLAGS

URL = "https://mail.example.org/"
ANA, LUIS = ("ana@example.org", "caballo-correcto-7"), ("luis@example.org", "bateria-grapa-9")
SUBJECT = "El primer mensaje"


def log_in(browser: Browser, who: tuple[str, str]) -> Page:
    page = browser.new_context(ignore_https_errors=True).new_page()
    page.set_default_timeout(float(sys.argv[1]) * 1000)
    page.goto(URL)
    page.fill("#rcmloginuser", who[0])
    page.fill("#rcmloginpwd", who[1])
    page.click("#rcmloginsubmit")
    page.wait_for_selector("#messagelist", state="attached")  # an empty one is not shown
    return page


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = log_in(browser, ANA)
        page.goto(f"{URL}?_task=mail&_action=compose&_to={LUIS[0]}")
        page.fill("input[name=_subject]", SUBJECT)
        page.fill("textarea[name=_message]", "¿Llegó? ¡Qué alegría!\n")
        page.locator("button.send:visible, a.send:visible").first.click()
        page.wait_for_function("!location.search.includes('_action=compose')")
        page = log_in(browser, LUIS)
        page.locator("#messagelist tr.message", has_text=SUBJECT).wait_for()
        browser.close()


main()
