"""What visitors want to do around a contribution, and do once they have signed in."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts import intents
from civic.accounts.actor import VISITOR, Actor
from civic.accounts.intents import Kept, Outcome, Wish
from civic.comments.models import Stance
from civic.comments.operations import add_comment
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution
from civic.contributions.policies import is_author
from civic.errors import DomainError
from civic.follows.operations import follow
from civic.participation.loading import load_visible
from civic.participation.page import page_url
from civic.participation.queries import get_ties
from civic.text.ids import read_id
from civic.votes import operations as votes

_BACK = frozenset({"unvote", "unfollow"})


class _Vote:
    needs_details = False

    def describe(self, session: Session, about: str, _details: Mapping[str, Any]) -> Wish | None:
        """Name it by the button of its kind, as the page does."""
        found = _find_public(session, about)
        if found is None:
            return None
        kind = kind_of(found)
        label = gettext(kind.workflow[found.status].vote_label or kind.vote_label)
        return Wish(_about(label, found), page_url(found, _anchor="vote"))

    def perform(
        self, session: Session, about: str, _details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Support it."""
        found = load_visible(session, about, actor)
        where = page_url(found.duplicate_of or found, _anchor="vote")
        if get_ties(session, found.id, actor.account_id).has_voted:
            return Outcome(gettext("Vous l’aviez déjà soutenue : elle compte une fois."), where)
        try:
            votes.vote(session, found, actor=actor)
        except DomainError as error:
            return Outcome(gettext(error.message, **error.values), where, is_done=False)
        return Outcome(gettext("C’est fait : votre soutien est compté."), where)


class _Follow:
    needs_details = False

    def describe(self, session: Session, about: str, _details: Mapping[str, Any]) -> Wish | None:
        """Name what is followed."""
        found = _find_public(session, about)
        if found is None:
            return None
        return Wish(_about(gettext("Suivre"), found), page_url(found, _anchor="follow"))

    def perform(
        self, session: Session, about: str, _details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Follow it; a duplicate leads to the one that goes on."""
        found = load_visible(session, about, actor)
        found = found.duplicate_of or found
        where = page_url(found, _anchor="follow")
        if is_author(actor, found):
            return Outcome(
                gettext("Vous en êtes l’auteur : vous êtes prévenu de toute façon."), where
            )
        if actor.account_id is not None:
            follow(session, found, account_id=actor.account_id)
        return Outcome(gettext("C’est fait : vous la suivez."), where)


class _Comment:
    needs_details = True

    def describe(self, session: Session, about: str, details: Mapping[str, Any]) -> Wish | None:
        """Name what is commented, with what was written."""
        found = _find_public(session, about)
        if found is None:
            return None
        label = gettext("Publier votre commentaire")
        url = page_url(found.duplicate_of or found, _anchor="comments")
        return Wish(_about(label, found), url, text=details.get("body", ""))

    def perform(
        self, session: Session, about: str, details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Say it; it is screened like any other comment."""
        found = load_visible(session, about, actor)
        stance = details["stance"]
        said = add_comment(
            session,
            found,
            actor=actor,
            body=details["body"],
            stance=Stance(stance) if stance in set(Stance) else Stance.NEITHER,
            parent_id=read_id(details["parent"]),
        )
        where = page_url(found, comments="newest", _anchor=f"comment-{said.id}")
        if said.is_public:
            return Outcome(gettext("Votre commentaire est publié."), where)
        waits = gettext("Merci. Votre commentaire attend d’être relu avant d’être publié.")
        return Outcome(waits, where)


def register() -> None:
    """Let votes, follows and comments of visitors wait."""
    for name, act, reader in (
        ("vote", _Vote(), _read_button),
        ("follow", _Follow(), _read_button),
        ("comment", _Comment(), _read_comment),
    ):
        intents.register(name, act, endpoint=f"participation.{name}", reader=reader)


def _read_button(values: Mapping[str, Any], form: Mapping[str, str]) -> Kept | None:
    """What is taken back was given by somebody signed in: it does not wait."""
    return None if form.get("action") in _BACK else (values["reference"], {})


def _read_comment(values: Mapping[str, Any], form: Mapping[str, str]) -> Kept | None:
    body = form.get("body", "")[: intents.LONGEST_TEXT]
    if not body.strip() or form.get("as_department"):
        # The town answers from the form alone, by somebody who sees in whose name.
        return None
    details = {
        "body": body,
        "stance": form.get("stance", "")[:20],
        "parent": form.get("parent", "")[:20],
        "draft": form.get("draft", "")[:40],
    }
    return values["reference"], details


def _find_public(session: Session, reference: str) -> Contribution | None:
    """Return it where everybody may see it: a title that is hidden is not told."""
    try:
        return load_visible(session, reference, VISITOR)
    except DomainError:
        return None


def _about(label: str, contribution: Contribution) -> str:
    return gettext("%(act)s : « %(title)s »", act=label, title=contribution.title)
