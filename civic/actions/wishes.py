"""Following an action, for visitors who sign in first."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts import intents
from civic.accounts.actor import Actor
from civic.accounts.intents import Kept, Outcome, Wish
from civic.actions import operations, policies, queries
from civic.errors import Forbidden, NotFound
from civic.i18n import N_

NAME = "follow-action"


class _Follow:
    needs_details = False

    def describe(self, session: Session, about: str, _details: Mapping[str, Any]) -> Wish | None:
        """Name the action, once it is published."""
        try:
            action = queries.get_action(session, about)
        except NotFound:
            return None
        if not action.is_published:
            return None
        sentence = gettext("Suivre l’action : « %(title)s »", title=action.title)
        return Wish(sentence, url_for("actions.show", slug=action.slug))

    def perform(
        self, session: Session, about: str, _details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Follow it."""
        action = queries.get_action(session, about)
        where = url_for("actions.show", slug=action.slug)
        if not policies.may_follow(actor, action):
            raise Forbidden(
                N_("Votre compte est suspendu : vous ne pouvez pas participer pour le moment.")
                if actor.is_suspended
                else N_("Cette action n’est plus publique.")
            )
        operations.follow(session, action, actor=actor)
        return Outcome(gettext("C’est fait : vous suivez cette action."), where)


def register() -> None:
    """Let the follows of visitors wait."""
    intents.register(NAME, _Follow(), endpoint="actions.follow", reader=_read)


def _read(values: Mapping[str, Any], form: Mapping[str, str]) -> Kept | None:
    return None if form.get("action") == "unfollow" else (values["slug"], {})
