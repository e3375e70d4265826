"""Service actions: work that the town commits to, followed by everyone."""

from flask import Flask

from civic.actions import map_layer, pages, sections, views, wishes


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals.update(euros=pages.euros, action_period=pages.current_period)
    sections.register()
    wishes.register()
    map_layer.register()
