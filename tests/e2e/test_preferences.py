"""Language and theme are chosen once, and hold on the pages that follow."""

from playwright.sync_api import Page, expect

from tests.e2e.watching import DESKTOP, PHONE, Visit


def test_the_language_is_switched_and_kept(visit: Visit) -> None:
    page = visit(size=PHONE)
    page.goto("/incidents")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator(".site-menu > summary").click()
    page.locator(".site-menu").get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/status")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".site-menu > summary").click()
    page.locator(".site-menu").get_by_role("link", name="Français").click()
    page.goto("/incidents")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_a_browser_in_english_reads_english(visit: Visit) -> None:
    page = visit(locale="en-GB")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_is_switched_and_kept(visit: Visit) -> None:
    page = visit(size=DESKTOP, color_scheme="light")
    page.goto("/")
    by_day = background(page)
    page.locator(".site-menu > summary").click()
    page.locator(".site-menu").get_by_role("button", name="Sombre").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).not_to_have_css("background-color", by_day)
    by_night = background(page)
    page.goto("/incidents")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_css("background-color", by_night)
    page.locator(".site-menu > summary").click()
    page.locator(".site-menu").get_by_role("button", name="Auto").click()
    page.goto("/")
    expect(page.locator("html")).to_have_css("background-color", by_day)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
