"""What somebody wanted to do before signing in: known by features, done once, and said.

A feature registers an act by a name and, for the addresses that visitors press buttons of, how
what they sent becomes one. The act waits in a token (purpose ``intent``) that is bound to the
browser it was begun in; see civic.accounts.views.intents.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from civic.accounts import tokens
from civic.accounts.actor import Actor
from civic.accounts.models import CapabilityToken
from civic.accounts.operations.capabilities import issue_capability

PURPOSE = "intent"
LIFE = timedelta(hours=1)
LONGEST_TEXT = 20_000
"""Characters that wait with one act: a stranger's, so there is an end to them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An act in words: what one does (« Soutenir « Banc cassé » »), where, and what was written."""

    sentence: str
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, where to go on, and what was written and could not be used."""

    sentence: str
    url: str
    is_done: bool = True
    text: str = ""


class Act(Protocol):
    """One thing that can wait for somebody to sign in."""

    @property
    def needs_details(self) -> bool:
        """Whether it can only come from a form, and not from a link that names it."""

    def describe(self, session: Session, about: str, details: Mapping[str, Any]) -> Wish | None:
        """Return it in words that anybody may read; None when there is no such thing for all."""

    def perform(
        self, session: Session, about: str, details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Do it, or say why not; may raise any domain error instead."""


Kept = tuple[str, dict[str, Any]]
"""What an act is about, and its details."""
Reader = Callable[[Mapping[str, Any], Mapping[str, str]], Kept | None]
"""Given the values of the address and the form."""

acts: dict[str, Act] = {}
_readers: dict[str, tuple[str, Reader]] = {}


def register(name: str, act: Act, *, endpoint: str, reader: Reader) -> None:
    """Let ``act`` wait for visitors who send a form to ``endpoint``."""
    acts[name] = act
    _readers[endpoint] = name, reader


def read_form(
    endpoint: str, values: Mapping[str, Any], form: Mapping[str, str]
) -> tuple[str, str, dict[str, Any]] | None:
    """Return name, about and details of what was sent, or None for what is no act."""
    name, reader = _readers.get(endpoint, ("", None))
    kept = reader(values, form) if reader is not None else None
    return (name, *kept) if kept is not None else None


def keep_intent(
    session: Session, *, act: str, about: str, details: dict[str, Any], browser: str
) -> str:
    """Let an act wait for an hour; return the token that whoever signs in comes back with."""
    return issue_capability(
        session,
        purpose=PURPOSE,
        subject=act,
        scope={"about": about, "details": details, "browser": browser_hash(browser)},
        life=LIFE,
    )


def is_from(found: CapabilityToken, browser: str | None) -> bool:
    """Whether the act was begun in ``browser``."""
    return browser is not None and tokens.same(found.scope["browser"], browser_hash(browser))


def browser_hash(browser: str) -> str:
    """Return how the browser that began something is kept."""
    return tokens.hash_token(browser, purpose="browser")
