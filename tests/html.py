"""What every HTML answer must keep: whole markup, unique ids, labelled fields, guarded forms."""

from typing import Any

from justhtml import JustHTML

DATA = frozenset({"application/json", "application/ld+json"})
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})


class BadPage(AssertionError):
    """A page that a browser would have to guess about."""


def check_page(html: str, *, where: str, fragment: bool, failed: bool = False) -> None:
    """Raise BadPage for broken markup, duplicate ids, unlabelled fields, forms without CSRF.

    ``failed``: the answer is an error or gives a form back, and its title has to say so.
    """
    document = JustHTML(html, sanitize=False, collect_errors=True, fragment=fragment)
    problems = [f"markup: {error}" for error in document.errors]
    ids = [node.attrs["id"] for node in document.query("[id]")]
    problems += [f"duplicate id: {id}" for id in sorted({i for i in ids if ids.count(i) > 1})]
    problems += [f"empty id on <{n.name}>" for n in document.query("[id]") if not n.attrs["id"]]
    problems += _unlabelled(document)
    problems += _unguarded(document)
    problems += _inline_code(document)
    problems += [
        f"needed, but begins with a choice: <select name={select.attrs.get('name')!r}>"
        for select in document.query("select[required]")
        if "multiple" not in select.attrs
        and any(option.attrs.get("value") for option in select.query("option")[:1])
    ]
    problems += [
        f"datetime with a fraction of a second: {node.attrs['datetime']}"
        for node in document.query("time[datetime]")
        if "." in (node.attrs["datetime"] or "")
    ]
    if not fragment:
        problems += _document(document)
        problems += _untold(document, failed=failed)
        problems += _dangling(document, set(ids))
    if problems:
        raise BadPage(f"{where}:\n  " + "\n  ".join(problems))


def _unlabelled(document: JustHTML) -> list[str]:
    labelled = {label.attrs.get("for") for label in document.query("label[for]")}
    inside = {id(node) for node in document.query("label input, label select, label textarea")}
    return [
        f"unlabelled field: <{node.name} name={node.attrs.get('name')!r}>"
        for node in document.query("input, select, textarea")
        if node.attrs.get("type", "text") not in UNLABELLED
        and node.attrs.get("id") not in labelled
        and id(node) not in inside
        and not (node.attrs.get("aria-label") or node.attrs.get("aria-labelledby"))
    ]


def _unguarded(document: JustHTML) -> list[str]:
    return [
        f"form without CSRF token: {form.attrs.get('action')!r}"
        for form in document.query("form")
        if form.attrs.get("method", "get").lower() == "post"
        and "csrf_token" not in {node.attrs.get("name") for node in form.query("input")}
    ]


def _inline_code(document: JustHTML) -> list[str]:
    problems = ["inline style" for _ in document.query("[style], style")]
    problems += [
        "inline script"
        for script in document.query("script")
        if "src" not in script.attrs and script.attrs.get("type") not in DATA
    ]
    problems += [
        f"inline handler {name}"
        for node in document.query("*")
        for name in node.attrs
        if name.startswith(("on", "hx-", "data-hx-on"))
    ]
    return problems


def _document(document: JustHTML) -> list[str]:
    problems = []
    html = document.query("html")[0]
    if not html.attrs.get("lang"):
        problems.append("no language")
    problems += [
        f"{len(document.query(selector))} of {selector!r}, expected 1"
        for selector in ("head > title", "h1", "main")
        if len(document.query(selector)) != 1
    ]
    problems += [
        f"image without alternative: {image.attrs.get('src')}"
        for image in document.query("img")
        if "alt" not in image.attrs
    ]
    return problems


def _untold(document: JustHTML, *, failed: bool) -> list[str]:
    title = document.query("head > title")[0].to_text().strip()
    is_told = title.startswith(("Erreur\N{NO-BREAK SPACE}:", "Error:"))
    return [] if is_told is failed else [f"title of an answer that failed ({failed}): {title!r}"]


def _dangling(document: JustHTML, ids: set[Any]) -> list[str]:
    problems = []
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        for node in document.query(f"[{name}]"):
            missing = set(str(node.attrs[name]).split()) - ids
            problems += [f"{name} leads nowhere: {id}" for id in sorted(missing)]
    return problems
