"""The composition root: the only place that names every feature."""

import logging
from typing import Any

from flask import Flask

from civic import (
    accounts,
    actions,
    administration,
    areas,
    attachments,
    comments,
    contributions,
    counting,
    demo,
    desk,
    flags,
    follows,
    home,
    ideas,
    idempotency,
    imports,
    incidents,
    layout,
    ledger,
    lists,
    messages,
    moderation,
    notifications,
    open_data,
    participation,
    people,
    places,
    search,
    similar,
    storage,
    taxonomy,
    votes,
)
from civic import map as map_
from civic.accounts import session as accounts_session
from civic.accounts.views.intents import keep_what_was_sent
from civic.database import configure_engine
from civic.database.afterwards import Afterwards
from civic.database.engine import engine_options
from civic.extensions import csrf, db, htmx
from civic.settings import Settings, keep_files_private
from civic.web import (
    assets,
    caching,
    compression,
    downloads,
    errors,
    health,
    hosts,
    ids,
    language,
    late,
    lifecycle,
    limits,
    page_cache,
    security,
    stylesheet,
    templating,
)

FEATURES = (
    places,
    taxonomy,
    accounts,
    people,
    storage,
    search,
    contributions,
    ledger,
    idempotency,
    votes,
    comments,
    attachments,
    follows,
    flags,
    messages,
    participation,
    incidents,
    ideas,
    actions,
    moderation,
    desk,
    similar,
    counting,
    lists,
    areas,
    map_,
    home,
    open_data,
    notifications,
    administration,
    imports,
    demo,
)


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """Build the application; raises SettingError when a setting cannot be used.

    ``config`` overrides Flask's own configuration, for tests.
    """
    keep_files_private()
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=None)
    app.jinja_environment = templating.Environment
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        **config,
    )
    app.extensions["civic_settings"] = settings
    _init_log(settings)
    _init_web(app, settings)
    for feature in FEATURES:
        feature.init_app(app)
    layout.init_app(app)
    return app


def _init_log(settings: Settings) -> None:
    """Write to standard error, with time and level, unless the server has set another place up."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("civic").setLevel(settings.log_level)


def _init_web(app: Flask, settings: Settings) -> None:
    # What is bound first sees the answer last.
    caching.init_app(app)
    compression.init_app(app)
    lifecycle.init_app(app)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
        app.extensions["civic_afterwards"] = Afterwards(
            db.engine, app.config.setdefault("AFTERWARDS_S", 30)
        )
    csrf.init_app(app)
    htmx.init_app(app)
    page_cache.init_app(app)
    downloads.init_app(app)
    hosts.init_app(app, settings)
    security.init_app(app, settings)
    limits.init_app(app, settings)
    language.init_app(app)
    templating.init_app(app)
    ids.init_app(app)
    assets.init_app(app)
    stylesheet.init_app(app)
    errors.init_app(app)
    accounts_session.init_app(app, keep_what_was_sent)
    late.init_app(app)
    app.register_blueprint(health.blueprint)
