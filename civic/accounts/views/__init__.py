"""Pages of accounts."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from civic.accounts.signing import PatientSigner
from civic.accounts.views import account, address, intents, sign_in
from civic.accounts.views.shared import blueprint

__all__ = ["account", "address", "init_app", "intents", "sign_in"]


class PatientSessions(SecureCookieSessionInterface):
    """Keeps the cookie of a browser; whether somebody is signed in is said by a session's row."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = PatientSigner
        return serializer


def init_app(app: Flask) -> None:
    """Serve the pages; a session lasts two months from signing in."""
    app.session_interface = PatientSessions()
    app.config.update(PERMANENT_SESSION_LIFETIME=60 * 24 * 3600, SESSION_REFRESH_EACH_REQUEST=False)
    app.register_blueprint(blueprint)
