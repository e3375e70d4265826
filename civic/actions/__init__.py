"""Service actions: work that the town commits to, followed by everyone."""

from flask import Flask

from civic.actions import listeners, map_layer, pages, sections, views, wishes


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals.update(euros=pages.euros, action_period=pages.current_period)
    sections.register()
    listeners.connect()
    wishes.register()
    map_layer.register()
