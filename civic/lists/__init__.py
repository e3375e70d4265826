"""The lists of contributions and the search: filtered, ordered, cut into pages."""

from flask import Flask

from civic.lists import searches
from civic.lists.cards import icon_markup
from civic.lists.views import blueprint


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    searches.init_app(app)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(icon_markup=icon_markup)
