"""No page is forgotten: every address that can be opened is walked, or it is said why not."""

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from civic.app import create_app
from civic.settings import Settings
from tests.e2e.pages import ERRORS, NOT_WALKED, PAGES

FILLED = {"held": "1", "flagged": "1", "appeal": "1", "neighbour": "1", "long_flagged": "1"} | {
    "comment": "1",
    "question": "1",
    "reply": "1",
    "refusal": "/mail/refuse/token",
}


class Filled(dict[str, str]):
    """A reference where the address asks for one."""

    def __missing__(self, name: str) -> str:
        return "I-7K3F-92"


def opened_rules(app: Flask) -> set[str]:
    """The rules that answer GET."""
    return {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def walked_rules(app: Flask) -> set[str]:
    """The rules of the addresses of the walks."""
    paths = [path for paths in PAGES.values() for path in paths.split()]
    paths += [path for _, path, _ in ERRORS]
    bound = app.url_map.bind("localhost")
    found = set()
    for path in paths:
        address = path.format_map(Filled(FILLED)).partition("?")[0]
        try:
            rule, _ = bound.match(address, method="GET", return_rule=True)
        except RequestRedirect:
            raise AssertionError(f"{path} leads elsewhere") from None
        except HTTPException:
            continue
        found.add(rule.rule)
    return found


def test_every_page_is_walked_or_it_is_said_why_not(tmp_path: object) -> None:
    settings = Settings.from_environment({"CIVIC_DATA_DIR": str(tmp_path), "CIVIC_DEMO": "yes"})
    app = create_app(settings)
    walked, opened = walked_rules(app), opened_rules(app)
    assert opened - walked - set(NOT_WALKED) == set()
    assert set(NOT_WALKED) & walked == set()
    assert set(NOT_WALKED) - opened == set()
