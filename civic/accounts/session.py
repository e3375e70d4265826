"""Who asks: the account behind the session cookie, as an Actor."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, current_app, g, request, session
from flask_login import current_user
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session, object_session

from civic.accounts import security
from civic.accounts.actor import Actor, Charge, Role
from civic.accounts.models import Account, AccountSession
from civic.accounts.queries import find_session, list_areas_within
from civic.database import utcnow
from civic.database.afterwards import Afterwards
from civic.extensions import db, login_manager
from civic.web import access
from civic.web.access import Entry
from civic.web.networks import caller_network

_ROLE_OF_ENTRY = {
    Entry.AGENT: Role.AGENT,
    Entry.MODERATOR: Role.MODERATOR,
    Entry.MEDIATOR: Role.MEDIATOR,
    Entry.ADMINISTRATOR: Role.ADMINISTRATOR,
}
FOLLOWED = "followed"


SEEN_EACH = timedelta(minutes=10)
"""How exactly it is known when a session was last used."""
_SEEN = (
    update(AccountSession)
    .where(AccountSession.id == bindparam("session_id"), AccountSession.ended_at.is_(None))
    .values(seen_at=bindparam("now"))
)


class SignedIn:
    """What Flask-Login keeps: a session, known by its key."""

    is_active = True
    is_anonymous = False
    is_authenticated = True

    def __init__(self, opened: AccountSession, key: str) -> None:
        self.opened = opened
        self.account = opened.account
        self._key = key

    def get_id(self) -> str:
        """Return what the cookie keeps."""
        return self._key


class Caller:
    """The actor of this request, as the guard sees it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    @property
    def is_signed_in(self) -> bool:
        """Whether there is an account behind the request."""
        return self.actor.account_id is not None

    @property
    def key(self) -> str:
        """The account, whatever network it is used from."""
        return "" if self.actor.account_id is None else f"account:{self.actor.account_id}"

    def may_enter(self, entry: Entry) -> bool:
        """Residents need a verified address; every other door its role."""
        if entry is Entry.PUBLIC:
            return True
        if entry is Entry.RESIDENT:
            return self.actor.account_id is not None and self.actor.is_verified
        return self.actor.has(_ROLE_OF_ENTRY[entry])


def actor_of(
    account: Account, *, network_key: str | None = None, session_id: int | None = None
) -> Actor:
    """Return ``account`` as an actor; what is granted in an area is granted in those inside it."""
    grants = [grant for grant in account.grants if grant.role is Role.AGENT]
    within = list_areas_within(
        object_session(account) or _session(), {grant.area_id for grant in grants} - {None}
    )
    return Actor(
        account_id=account.id,
        session_id=session_id,
        name=account.display_name,
        is_verified=account.is_verified,
        is_suspended=account.is_suspended,
        roles=account.roles,
        charges=tuple(
            Charge(grant.department_id, within.get(grant.area_id, frozenset())) for grant in grants
        ),
        network_key=network_key,
    )


def current_session() -> AccountSession | None:
    """Return the session behind this request, or None for a visitor."""
    person = current_user._get_current_object()  # noqa: SLF001 (the proxy hides the type)
    return person.opened if isinstance(person, SignedIn) else None


def current_account() -> Account | None:
    """Return the account behind this request, or None for a visitor."""
    opened = current_session()
    return opened.account if opened is not None else None


def current_actor() -> Actor:
    """Return who does this now."""
    if "actor" not in g:
        opened = current_session()
        followed = frozenset(session.get(FOLLOWED, ()))
        if opened is None:
            g.actor = Actor(network_key=network_key(), follow_ids=followed)
        else:
            g.actor = actor_of(opened.account, network_key=network_key(), session_id=opened.id)
    actor: Actor = g.actor
    return actor


def network_key() -> str:
    """Return a keyed hash of the caller's address, changed with the secret; never the address."""
    secret = current_app.config["SECRET_KEY"].encode()
    address = caller_network().encode()
    return hmac.new(secret, b"network:" + address, hashlib.sha256).hexdigest()[:32]


def draft_owner() -> str:
    """Return whose drafts this browser may show: a keyed name of the account, empty for visitors.

    It tells the accounts of one browser apart, and nothing about them.
    """
    account = current_account()
    if account is None:
        return ""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"drafts:%d" % account.id, hashlib.sha256).hexdigest()[:16]


def init_app(app: Flask, keep_intent: Callable[[], str | None]) -> None:
    """Bind Flask-Login and let the guard know who asks, and how what a visitor wants waits."""
    login_manager.init_app(app)
    login_manager.session_protection = None

    @login_manager.user_loader
    def load(key: str) -> SignedIn | None:
        opened = None if g.get("without_database") else _find_open(key)
        return SignedIn(opened, key) if opened is not None else None

    access.init_app(app, lambda: Caller(current_actor()), keep_intent)
    app.extensions["civic_refused"] = lambda: note_event("refused")

    @app.before_request
    def say_where_from() -> None:
        _session().info[security.NETWORK] = network_key()


def note_event(name: str) -> None:
    """Have a line of the security log written after the answer: a page that is read writes none."""
    actor: Actor | None = g.get("actor")
    account_id = actor.account_id if actor is not None else None
    values = security.values_of(
        name,
        account_id=account_id,
        actor_id=account_id,
        network_key=network_key(),
        details={"page": request.endpoint or "", "method": request.method},
    )
    notes: Afterwards = current_app.extensions["civic_afterwards"]
    notes.note(security.note_statement, values)
    security.tell(values)


def _find_open(key: str) -> AccountSession | None:
    """Return the session that ``key`` opens, and note that it was used."""
    opened = find_session(_session(), key)
    if opened is None or not opened.is_open:
        return None
    now = utcnow()
    if now - opened.seen_at > SEEN_EACH:
        notes: Afterwards = current_app.extensions["civic_afterwards"]
        notes.note(_SEEN, {"session_id": opened.id, "now": now}, key=opened.id)
    return opened


def _session() -> Session:
    return db.session()
