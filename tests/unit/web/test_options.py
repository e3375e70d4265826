"""The options of a select: each value with its label, at most one of them chosen."""

from flask import Flask, render_template_string

from civic.web import templating

CHOICES = [("a", "Arbres & haies"), ('"b"', "<Bancs>")]


def _written(template: str, **values: object) -> str:
    app = Flask(__name__)
    templating.init_app(app)
    with app.test_request_context():
        return render_template_string(template, choices=CHOICES, **values)


def test_the_chosen_one_is_selected() -> None:
    html = _written("{{ options(choices, 'a') }}")
    assert '<option value="a" selected>Arbres &amp; haies</option>' in html
    assert html.count("selected") == 1


def test_values_and_labels_are_text() -> None:
    assert '<option value="&#34;b&#34;">&lt;Bancs&gt;</option>' in _written(
        "{{ options(choices) }}"
    )


def test_nothing_chosen_selects_nothing() -> None:
    for chosen in ("none", "''", "missing", "'a' if false", "'z'"):
        assert "selected" not in _written(f"{{{{ options(choices, {chosen}) }}}}")
