"""What residents write is shown as they meant it and can harm no one."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.text.markdown import plain_text, render_markdown, shorten

ALLOWED = """
    p br hr blockquote pre code h3 h4 h5 h6 strong em s ul ol li table thead tbody tr th td a
"""


def test_headings_fit_below_those_of_the_page() -> None:
    assert render_markdown("# Un") == "<h3>Un</h3>\n"
    assert render_markdown("### Trois") == "<h5>Trois</h5>\n"
    assert render_markdown("###### Six") == "<h6>Six</h6>\n"


def test_a_typed_line_break_is_kept() -> None:
    assert render_markdown("un\ndeux") == "<p>un<br>\ndeux</p>\n"


def test_links_promise_nothing_to_search_engines() -> None:
    html = render_markdown("[la page](https://example.org/a?b=1&c=2)")
    assert 'rel="nofollow ugc noopener"' in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html


def test_an_image_leaves_its_description() -> None:
    html = render_markdown("![un <b>banc</b>](https://example.org/pixel.png)")
    assert html == "<p>un &lt;b&gt;banc&lt;/b&gt;</p>\n"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "<javascript:alert(1)>",
        '[a](https://x.fr "\\" onmouseover=alert(1) \\"")',
        "<div style='position:fixed'>",
        "```\n</code><script>\n```",
    ],
)
def test_nothing_that_runs_gets_through(source: str) -> None:
    html = render_markdown(source)
    tags = set(re.findall(r"</?([a-z0-9]+)", html))
    assert tags <= {"p", "a", "pre", "code", "br"}
    for attribute in re.findall(r"<\w+ ([^>]*)>", html):
        assert not re.search(r"(^|\" )on\w+=", attribute)
        assert "javascript:" not in attribute


@given(st.text(alphabet="#*_`[]()<>!&\"'\n ab|-:/1.~\\", max_size=120))
def test_every_text_gives_only_allowed_tags(source: str) -> None:
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", render_markdown(source)))
    assert tags <= set(ALLOWED.split())


def test_plain_text_has_no_marks() -> None:
    source = "# Titre\n\n**gras**, [lien](https://x.fr)\nsuite ![banc](x.png)\n\n- un\n- deux\n"
    assert plain_text(source) == "Titre gras, lien suite banc un deux"


def test_plain_text_is_cut_between_words() -> None:
    assert plain_text("Un arbre est tombé", 14) == "Un arbre est…"
    assert plain_text("Anticonstitutionnellement", 8) == "Anticon…"
    assert plain_text("Court", 80) == "Court"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@pytest.mark.parametrize("source", ["[" * 20_000, "![a](" * 10_000, "*a" * 5_000, "> " * 5_000])
def test_a_hostile_text_is_rendered_in_time(source: str) -> None:
    started = time.perf_counter()
    render_markdown(source)
    assert time.perf_counter() - started < 2
