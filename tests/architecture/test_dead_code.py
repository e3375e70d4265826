"""Nothing of ours is there for nobody: each function has a caller, a template or a framework."""

import re
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parents[2]
OUTSIDE = ("wsgi.py", "bench", "tools")
"""Who else may call what is in ``civic``; the tests may not be its only callers."""
REGISTERED = ("@*.route", "@*.get", "@*.post", "@*.connect*", "@event.*", "@every", "@daily")
REGISTERED += ("@click.*", "@*.command*", "@*.group*", "@compiles", "@app.*", "@*.app_*", "@*load*")
REGISTERED += ("@*.request_filter",)
CALLED_BY_FRAMEWORKS = re.compile(
    # WTForms, Flask-Login, click, SQLAlchemy, urllib and geopy's adapter look these up by name.
    r"validate_\w+|get_id|list_commands|format_commands|process_(bind_param|result_value)"
    r"|bind_field|redirect_request|_decode_page|__call__|for_migrations|get_command"
)
TESTS_MAKE_ROWS_BY = {"new_follow_token", "store_photo", "PublicChange"}


def test_every_function_is_called() -> None:
    finder = Vulture(ignore_decorators=list(REGISTERED))
    finder.scavenge([str(ROOT / name) for name in ("civic", *OUTSIDE)])
    templates = (path.read_text("utf-8") for path in (ROOT / "civic/templates").rglob("*.*"))
    named = set(re.findall(r"\w+", " ".join(templates)))
    dead = [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.name}"
        for item in finder.get_unused_code(min_confidence=60)
        if item.typ in {"function", "method", "property", "class"}
        and item.name not in named | TESTS_MAKE_ROWS_BY
        and not CALLED_BY_FRAMEWORKS.fullmatch(item.name)
        and Path(item.filename).is_relative_to(ROOT / "civic")
    ]
    assert dead == []
