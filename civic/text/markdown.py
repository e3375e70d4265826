"""Markdown written by residents, shown safely inside a page that has headings of its own."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_HIGHEST_HEADING = 3
_LOWEST_HEADING = 6

_TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code"),
    *("h3", "h4", "h5", "h6"),
    *("strong", "em", "s"),
    *("ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    "a",
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_REL = "nofollow ugc noopener"


def _image_as_text(tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    # No image: it would tell its host who reads the page, and has passed no moderation.
    return str(escape(tokens[index].content))


def _make_parser() -> MarkdownIt:
    # js-default refuses raw HTML and `javascript:` links. A line break typed is a line break meant.
    parser = MarkdownIt("js-default", {"breaks": True})
    parser.renderer.rules["image"] = _image_as_text  # type: ignore[attr-defined]
    return parser


_PARSER = _make_parser()
_PARSER_WITHOUT_LINKS = _make_parser().disable(["link", "image"])
_ITEM = "– "
# Looking for the end of each link takes the square of their number: 20,000 take three seconds.
_MOST_BRACKETS = 1_000
# The texts of the pages in demand are kept as HTML: at most some ten megabytes of them.
_LONGEST_KEPT = 2_000


def _parser_for(source: str) -> MarkdownIt:
    return _PARSER if source.count("[") <= _MOST_BRACKETS else _PARSER_WITHOUT_LINKS


def render_markdown(source: str) -> Markup:
    """Return `source` as HTML that is safe to put in a page.

    Headings start at h3, links carry `rel="nofollow ugc noopener"`, an image leaves its description
    only, raw HTML is shown as text. Cleaned a second time by an allow list, so that a fault in the
    parser alone lets nothing through. A text with more than 1,000 brackets gets no links.
    """
    return _kept(source) if len(source) <= _LONGEST_KEPT else _rendered(source)


@lru_cache(maxsize=2048)
def _kept(source: str) -> Markup:
    return _rendered(source)


def _rendered(source: str) -> Markup:
    parser = _parser_for(source)
    tokens = parser.parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1:]) + _HIGHEST_HEADING - 1
            token.tag = f"h{min(level, _LOWEST_HEADING)}"
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL)
    # Cleaned by the allow list above.
    return Markup(clean)  # noqa: S704


def plain_text(source: str, limit: int | None = None) -> str:
    """Return the words of a Markdown text on one line, without its marks.

    Cut between words to at most `limit` characters, the final « … » included.
    """
    return shorten(" ".join(" ".join(_texts(_parser_for(source).parse(source))).split()), limit)


def readable(source: str) -> str:
    """Return the words of a Markdown text without its marks, its paragraphs and lines kept."""
    tokens = _parser_for(source).parse(source)
    blocks: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
        elif token.type == "inline":
            text = "".join(_inline_texts(token.children or (), line_break="\n"))
            in_list = before is not None and before.type == "paragraph_open" and before.hidden
            if in_list and blocks and blocks[-1].startswith(_ITEM):
                blocks[-1] += f"\n{_ITEM}{text}"
            else:
                blocks.append(_ITEM + text if in_list else text)
    return "\n\n".join(blocks)


def shorten(text: str, limit: int | None) -> str:
    """Return `text`, cut between words where possible to at most `limit` characters with « … »."""
    if limit is None or len(text) <= limit:
        return text
    room = text[:limit]
    head = room.rpartition(" ")[0] or room[: limit - 1]
    return head.rstrip(" ,;:.-–") + "…"


def _texts(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_inline_texts(token.children or ()))
        elif token.type in ("fence", "code_block"):
            yield token.content


def _inline_texts(tokens: Sequence[Token], line_break: str = " ") -> Iterator[str]:
    for token in tokens:
        yield line_break if token.type in ("softbreak", "hardbreak") else token.content
