"""Who asks: the account behind the session cookie, as an Actor."""

import hashlib
import hmac

from flask import Flask, current_app, g, request, session
from flask_login import current_user
from sqlalchemy.orm import Session, joinedload

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.extensions import db, login_manager
from civic.web import access
from civic.web.access import Entry

_ROLE_OF_ENTRY = {
    Entry.AGENT: Role.AGENT,
    Entry.MODERATOR: Role.MODERATOR,
    Entry.MEDIATOR: Role.MEDIATOR,
    Entry.ADMINISTRATOR: Role.ADMINISTRATOR,
}
FOLLOWED = "followed"
_WITH_ROLES = [joinedload(Account.grants)]


class SignedIn:
    """What Flask-Login keeps: an account, known by its id and its session token together."""

    is_active = True
    is_anonymous = False
    is_authenticated = True

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """Return the identity kept in the cookie: a new token signs out everywhere."""
        return f"{self.account.id}.{self.account.session_token}"


class Caller:
    """The actor of this request, as the guard sees it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    @property
    def is_signed_in(self) -> bool:
        """Whether there is an account behind the request."""
        return self.actor.account_id is not None

    def may_enter(self, entry: Entry) -> bool:
        """Residents need a verified address; every other door its role."""
        if entry is Entry.PUBLIC:
            return True
        if entry is Entry.RESIDENT:
            return self.actor.account_id is not None and self.actor.is_verified
        return self.actor.has(_ROLE_OF_ENTRY[entry])


def actor_of(account: Account, *, network_key: str | None = None) -> Actor:
    """Return ``account`` as an actor."""
    agent_grants = [grant for grant in account.grants if grant.role is Role.AGENT]
    return Actor(
        account_id=account.id,
        name=account.display_name,
        is_verified=account.is_verified,
        is_suspended=account.is_suspended,
        roles=account.roles,
        department_ids=_narrowed([grant.department_id for grant in agent_grants]),
        area_ids=_narrowed([grant.area_id for grant in agent_grants]),
        network_key=network_key,
    )


def current_account() -> Account | None:
    """Return the account behind this request, or None for a visitor."""
    person = current_user._get_current_object()  # noqa: SLF001 (the proxy hides the type)
    return person.account if isinstance(person, SignedIn) else None


def current_actor() -> Actor:
    """Return who does this now."""
    if "actor" not in g:
        account = current_account()
        followed = frozenset(session.get(FOLLOWED, ()))
        if account is None:
            g.actor = Actor(network_key=network_key(), follow_ids=followed)
        else:
            g.actor = actor_of(account, network_key=network_key())
    actor: Actor = g.actor
    return actor


def network_key() -> str:
    """Return a keyed hash of the caller's address, changed with the secret; never the address."""
    secret = current_app.config["SECRET_KEY"].encode()
    address = (request.remote_addr or "").encode()
    return hmac.new(secret, b"network:" + address, hashlib.sha256).hexdigest()[:32]


def init_app(app: Flask) -> None:
    """Bind Flask-Login and let the guard know who asks."""
    login_manager.init_app(app)
    login_manager.session_protection = None

    @login_manager.user_loader
    def load(identity: str) -> SignedIn | None:
        account_id, _, token = identity.partition(".")
        account = _account(int(account_id)) if account_id.isdigit() else None
        if account is None or account.erased_at is not None:
            return None
        return SignedIn(account) if hmac.compare_digest(account.session_token, token) else None

    access.init_app(app, lambda: Caller(current_actor()))


def _account(account_id: int) -> Account | None:
    # With its roles in one query: it is the first of every page of somebody signed in.
    return _session().get(Account, account_id, options=_WITH_ROLES)


def _session() -> Session:
    return db.session()


def _narrowed(ids: list[int | None]) -> frozenset[int]:
    """One grant without a limit lifts the limits of all."""
    if not ids or None in ids:
        return frozenset()
    return frozenset(id for id in ids if id is not None)
