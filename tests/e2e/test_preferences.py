"""Language and theme are chosen once."""

from playwright.sync_api import expect


def test_the_language_is_switched_and_kept(visit):
    page = visit()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
