"""The queue, and one thing to decide about beside it."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, cast

from flask import abort, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.session import current_actor
from civic.contributions.kinds import kind_of, kinds
from civic.contributions.models import Contribution, ModerationState
from civic.extensions import db
from civic.flags.models import FlagReason
from civic.i18n import N_
from civic.incidents.models import Incident
from civic.moderation import policies, screening
from civic.moderation.clauses import CLAUSE_OF_FLAG, MEASURE_LABELS
from civic.moderation.forms import DecisionForm, HideForm, MergeForm, RedactForm
from civic.moderation.queries import decisions
from civic.moderation.queries.queue import (
    Key,
    QueueFilters,
    QueueItem,
    QueuePage,
    count_queue,
    find_item,
    list_queue,
)
from civic.moderation.views.blueprint import blueprint
from civic.participation.submission.answers import shown_answers
from civic.places.geometry import Position
from civic.similar.queries import Similar, Sketch, find_similar
from civic.web.access import Entry, entry_for
from civic.web.cursors import read_cursor, write_cursor
from civic.web.ids import row_id
from civic.web.language import locale_code
from civic.web.seen import Shown

STATE_LABELS = {
    ModerationState.HELD: N_("En attente de modération"),
    ModerationState.PUBLISHED: N_("En ligne"),
    ModerationState.HIDDEN: N_("Retiré de la vue du public"),
    ModerationState.PRIVATE: N_("Privé"),
}
readers = entry_for(Entry.MODERATOR, Entry.MEDIATOR)
AGES = (1, 3, 7, 30)
_MOST_ID = 2**62


@dataclass(frozen=True, slots=True)
class Forms:
    """One form a measure; their fields are told apart by prefixes."""

    publish: DecisionForm
    hide: HideForm
    restore: DecisionForm
    lock: DecisionForm
    unlock: DecisionForm
    redact: RedactForm
    merge: MergeForm
    unmerge: DecisionForm
    photos: DecisionForm

    def __getitem__(self, name: str) -> DecisionForm:
        """Return the form of a measure, or of the photos."""
        form: DecisionForm = getattr(self, name)
        return form


@blueprint.get("/moderation")
@readers
def index() -> str:
    """Show the queue, and its first item where the screen is wide."""
    session = db.session()
    page = list_queue(session, read_filters(), after=_after())
    return render(session, page, page.items[0] if page.items else None, is_index=True)


@blueprint.get("/moderation/<int:contribution_id>")
@readers
def show(contribution_id: int) -> str:
    """Show one item with all that helps to decide, the queue beside it."""
    session = db.session()
    item = get_item(session, contribution_id, request.args.get("comment", type=row_id))
    return render(session, list_queue(session, read_filters(), after=_after()), item)


def get_item(session: Session, contribution_id: int, comment_id: int | None) -> QueueItem:
    """Return one item or answer 404."""
    if contribution_id >= _MOST_ID or not 0 <= (comment_id or 0) < _MOST_ID:
        abort(404)
    item = find_item(session, contribution_id, comment_id)
    if item is None:
        abort(404)
    return item


def render(
    session: Session,
    page: QueuePage,
    item: QueueItem | None,
    *,
    forms: Forms | None = None,
    opened: str = "",
    is_index: bool = False,
) -> str:
    """Write the page: ``opened`` names the form that came back with errors."""
    filters = read_filters()
    kept = {name: value for name, value in asdict(filters).items() if value}
    after = request.args.get("after", "")
    return render_template(
        "moderation/index.html",
        page=page,
        counts=count_queue(session),
        filters=filters,
        kept=kept | ({"after": after} if after else {}),
        filter_only=kept,
        kinds=list(kinds),
        ages=AGES,
        next_url=_following_url(page.following, kept),
        first_url=url_for(".index", **kept) if after else None,
        item=item,
        detail=_detail(session, item, page, forms) if item is not None else {},
        answers=_answers(item.contribution) if item is not None else [],
        opened=opened,
        is_index=is_index,
    )


def _answers(contribution: Contribution) -> list[dict[str, Any]]:
    return shown_answers(contribution.category, contribution.answers or {}, locale_code())


def shown_item(item: QueueItem) -> Shown:
    """Return what a decision rests on: the words, who sees them, and what was decided before."""
    contribution, comment = item.contribution, item.comment
    decided = [
        f"{gettext(MEASURE_LABELS[one.measure])} ({one.reference})"
        for one in decisions.list_decisions_about(db.session(), contribution.id)
        if one.comment_id == (comment.id if comment else None)
    ]
    return {
        N_("Visibilité"): gettext(STATE_LABELS[item.state]),
        N_("Titre"): contribution.title,
        N_("Texte"): item.text,
        N_("Décisions"): " · ".join(decided),
    }


def forms_for(item: QueueItem, page: QueuePage | None = None) -> Forms:
    """Return the forms of an item, filled with what is known."""
    contribution, comment = item.contribution, item.comment
    common = {
        "comment": str(comment.id) if comment else "",
        "state": item.state.value,
        "next": _next_of(item, page) if page else "",
        "clause": _suggested_clause(item),
    }
    precisions = contribution.precisions if isinstance(contribution, Incident) else ""
    text = {"title": contribution.title, "body": item.text, "precisions": precisions}
    forms = Forms(
        publish=DecisionForm(prefix="publish-", data=common),
        hide=HideForm(prefix="hide-", data=common),
        restore=DecisionForm(prefix="restore-", data=common),
        lock=DecisionForm(prefix="lock-", data=common | {"clause": "8"}),
        unlock=DecisionForm(prefix="unlock-", data=common),
        redact=RedactForm(prefix="redact-", data=common | {"clause": "2"} | text),
        merge=MergeForm(prefix="merge-", data=common | {"clause": "7"}),
        unmerge=DecisionForm(prefix="unmerge-", data=common),
        photos=DecisionForm(prefix="photos-", data=common),
    )
    shown = shown_item(item)
    for field in fields(forms):
        getattr(forms, field.name).offer_clauses()
        getattr(forms, field.name).show(shown)
    return forms


def read_filters() -> QueueFilters:
    """Return the filters that the address carries; what is not one is left out."""
    what, kind = request.args.get("what", ""), request.args.get("kind", "")
    days = request.args.get("days", type=int) or 0
    return QueueFilters(
        what=what if what in {"held", "flagged"} else "",
        kind=kind if kind in kinds else "",
        days=days if days in AGES else 0,
    )


def _detail(
    session: Session, item: QueueItem, page: QueuePage, forms: Forms | None
) -> dict[str, Any]:
    contribution, actor = item.contribution, current_actor()
    written = item.comment or contribution
    may_decide = (
        policies.may_moderate_comment(actor, item.comment)
        if item.comment
        else policies.may_moderate(actor, contribution)
    )
    return {
        "forms": forms or forms_for(item, page),
        "kind": kind_of(contribution),
        "photos": decisions.list_photos(session, contribution.id),
        "record": decisions.get_record(session, written.author_id),
        "decided": decisions.list_decisions_about(session, contribution.id),
        "similar": similar_to(session, contribution),
        "merge": decisions.find_open_merge(session, contribution.id)
        if contribution.duplicate_of_id
        else None,
        "may_decide": may_decide,
        "may_merge": item.comment is None and policies.may_merge(actor, contribution),
        "previous_key": _neighbour(item, page, -1),
        "next_key": _neighbour(item, page, 1),
    }


def similar_to(session: Session, contribution: Contribution) -> list[Similar]:
    """Return the public contributions most like this one."""
    position = None
    if contribution.lat is not None and contribution.lon is not None:
        position = Position(contribution.lat, contribution.lon)
    sketch = Sketch(
        kind=kind_of(contribution),
        title=contribution.title,
        body=contribution.body,
        category=contribution.category,
        position=position,
    )
    found = find_similar(session, sketch)
    return [one for one in found if one.contribution.id != contribution.id]


def _suggested_clause(item: QueueItem) -> str:
    if item.flags:
        heaviest: FlagReason = max(item.flags, key=lambda flag: flag.weight).reason
        return CLAUSE_OF_FLAG.get(heaviest, "")
    codes = {hold.code for hold in item.holds}
    if codes & screening.PERSONAL_DATA:
        return "2"
    if screening.BLOCKED_WORDS in codes:
        return "1"
    if codes & {screening.LINK, screening.DUPLICATE, screening.BURST}:
        return "4"
    return ""


def _neighbour(item: QueueItem, page: QueuePage, step: int) -> tuple[int, int] | None:
    keys = [one.key[1:] for one in page.items]
    if item.key[1:] not in keys:
        return keys[0] if keys and step > 0 else None
    place = keys.index(item.key[1:]) + step
    return keys[place] if 0 <= place < len(keys) else None


def _next_of(item: QueueItem, page: QueuePage) -> str:
    following = _neighbour(item, page, 1)
    return write_cursor(*following) if following else ""


def _after() -> Key | None:
    return cast("Key | None", read_cursor(request.args.get("after", ""), datetime, int, int))


def _following_url(following: Key | None, kept: dict[str, Any]) -> str | None:
    if following is None:
        return None
    return url_for(".index", **kept, after=write_cursor(*following))
