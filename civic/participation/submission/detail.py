"""What the pages of every kind show beyond votes and comments, and the author's own tools."""

from calendar import monthrange
from datetime import datetime
from typing import Any, TypeVar

import segno
from flask import current_app, redirect, render_template, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response

from civic.accounts.actor import Actor
from civic.accounts.session import current_actor
from civic.attachments.queries import list_photos
from civic.contributions.contact import contact_for
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import is_author, may_edit
from civic.contributions.projection import public_author, public_of
from civic.contributions.screening_registry import explain_hold
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.errors import NotFound
from civic.extensions import db
from civic.i18n import N_
from civic.participation.loading import load_visible
from civic.participation.page import Participation, gather
from civic.participation.sections import sections_of
from civic.participation.submission.answers import shown_answers
from civic.participation.submission.flow import LINKS, Answer
from civic.participation.submission.following import withdraw
from civic.participation.timeline import Step
from civic.web.language import locale_code

SILENCE_MONTHS = 2

Of = TypeVar("Of", bound=Contribution)


def visible(model: type[Of], reference: str) -> Of:
    """Return a contribution of the kind of ``model`` that this person may see.

    Raises NotFound, or Gone for what is hidden.
    """
    contribution = load_visible(db.session(), reference, current_actor())
    if not isinstance(contribution, model):
        raise NotFound(N_("Aucune contribution ne porte cette référence."))
    return contribution


def own(model: type[Of], reference: str) -> Of:
    """Return one's own contribution; raises NotFound for everybody else's."""
    contribution = visible(model, reference)
    if not is_author(current_actor(), contribution):
        raise NotFound(
            N_(
                "Cette page est réservée à l’auteur. Ouvrez-la par votre lien de suivi privé ou "
                "connectez-vous."
            )
        )
    return contribution


def page_context(contribution: Contribution) -> dict[str, Any]:
    """Return what the page of any kind shows, for the person who looks at it."""
    session, actor = db.session(), current_actor()
    kind = kind_of(contribution)
    participation = gather(session, contribution, actor)
    writes = is_author(actor, contribution)
    answers = (
        shown_answers(contribution.category, contribution.answers, locale_code())
        if contribution.answers
        else []
    )
    held = contribution.moderation_state is ModerationState.HELD
    shown = public_of(contribution)
    return {
        "contribution": contribution,
        "kind": kind,
        "status": kind.workflow[contribution.status],
        "participation": participation,
        "sections": list(sections_of(session, contribution, actor)),
        "answers": answers,
        "is_own": writes,
        "may_edit": may_edit(actor, contribution),
        "own_steps": own_steps(contribution, actor),
        "shown": shown,
        "shown_author": public_author(contribution),
        "is_late": shown.is_late(utcnow()),
        "hold_labels": (
            [gettext(label) for label in explain_hold(session, contribution.id)]
            if held and writes
            else []
        ),
    }


def own_steps(contribution: Contribution, actor: Actor) -> frozenset[str]:
    """Return the statuses that the author may move it to: what their buttons are."""
    if not is_author(actor, contribution) or actor.is_suspended:
        return frozenset()
    workflow = kind_of(contribution).workflow
    edges = workflow.allowed_from(contribution.status, [Party.AUTHOR])
    age = utcnow() - contribution.status_since
    return frozenset(
        edge.to for edge in edges if edge.within_days is None or age.days < edge.within_days
    )


def received_page(model: type[Contribution], reference: str) -> Answer:
    """Show the acknowledgement of receipt (CRPA R112-11-1), to its author only."""
    contribution = visible(model, reference)
    if not is_author(current_actor(), contribution):
        return redirect(url_for(f"{kind_of(contribution).blueprint}.show", reference=reference))
    token = cookie.get(LINKS, {}).get(contribution.reference, "")
    held = contribution.moderation_state is ModerationState.HELD
    labels = explain_hold(db.session(), contribution.id) if held else []
    link = url_for("submission.private_link", token=token, _external=True) if token else ""
    return render_template(
        "submission/received.html",
        contribution=contribution,
        kind=kind_of(contribution),
        contact=contact_for(db.session(), contribution),
        private_link=link,
        private_link_qr=segno.make(link).svg_data_uri(border=1) if link else "",
        hold_labels=[gettext(label) for label in labels],
        photos=list_photos(db.session(), contribution.id, public_only=False),
        silence_at=silence_at(contribution.submitted_at),
        threshold=current_app.extensions["civic_settings"].idea_threshold,
    )


def last_answer(participation: Participation) -> Step | None:
    """Return the last step that the town explained in public, None while it has not."""
    told = [
        step
        for step in participation.timeline
        if step.text and not step.upcoming and not step.automatic
    ]
    return told[-1] if told else None


def silence_at(submitted_at: datetime) -> datetime:
    """Return when two months of silence count as a rejection (CRPA L231-4)."""
    month = submitted_at.month - 1 + SILENCE_MONTHS
    year, month = submitted_at.year + month // 12, month % 12 + 1
    return submitted_at.replace(
        year=year, month=month, day=min(submitted_at.day, monthrange(year, month)[1])
    )


def withdraw_own(model: type[Contribution], reference: str) -> Response:
    """Withdraw one's own contribution."""
    contribution = own(model, reference)
    withdraw(db.session(), contribution, actor=current_actor())
    db.session.commit()
    blueprint = kind_of(contribution).blueprint
    return redirect(url_for(f"{blueprint}.show", reference=contribution.reference), 303)
