"""Pages of service actions: for the public to follow, for agents to run."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from civic.accounts.actor import Actor
from civic.accounts.session import current_actor
from civic.actions import operations, policies, queries
from civic.actions.forms import ActionForm, LinkForm, UpdateForm
from civic.actions.linking import linkable
from civic.actions.models import Action
from civic.actions.operations import ActionDraft, MilestoneDraft
from civic.actions.pages import (
    action_card_view,
    fill_choices,
    photo_views,
    proposed,
    said_of,
    shown_of,
    standing_of,
    update_steps,
)
from civic.actions.queries import BUCKETS, ActionFilter
from civic.actions.undoing import undo_update
from civic.actions.wishes import NAME as FOLLOW
from civic.actions.workflow import WORKFLOW
from civic.attachments.forms import sent_descriptions
from civic.attachments.operations import describe, release_drafts
from civic.contributions.models import Contribution
from civic.contributions.policies import UNDO_WINDOW
from civic.contributions.workflow import Party
from civic.errors import Conflict, Invalid, NotFound
from civic.extensions import db
from civic.places.queries import get_town_day, list_areas
from civic.taxonomy.models import Department
from civic.taxonomy.queries import list_departments
from civic.web.access import agents, authorise, public, residents
from civic.web.forms import Form, choices
from civic.web.ids import row_id
from civic.web.limits import vote_limit, write_limit

blueprint = Blueprint("actions", __name__)


@blueprint.get("/actions")
@public
def index() -> str:
    """List the published actions, newest first."""
    session, today = db.session(), get_town_day(db.session())
    wanted = _wanted()
    page = queries.list_actions(session, wanted, today)
    shown = page[: queries.PAGE_SIZE]
    return render_template(
        "actions/index.html",
        cards=_cards(shown, today),
        counts=queries.count_by_bucket(session, wanted, today),
        buckets=BUCKETS,
        wanted=wanted,
        departments=list_departments(session),
        areas=list_areas(session),
        next_id=shown[-1].id if len(page) > queries.PAGE_SIZE else None,
        may_create=policies.may_create(current_actor()),
    )


@blueprint.get("/status")
@public
def status() -> str:
    """Show what is promised, under way, late, done, abandoned and why."""
    session, today = db.session(), get_town_day(db.session())
    wanted = _wanted()
    columns = {
        bucket: queries.list_actions(
            session, ActionFilter(bucket, wanted.department_id, wanted.area_id), today
        )[:6]
        for bucket in BUCKETS
    }
    shown = [action for actions in columns.values() for action in actions]
    return render_template(
        "actions/status.html",
        buckets=BUCKETS,
        columns={bucket: _cards(actions, today) for bucket, actions in columns.items()},
        sentences=queries.list_last_sentences(session, [action.id for action in shown]),
        counts=queries.count_by_bucket(session, wanted, today),
        by_department=queries.count_by_department(session, today),
        by_area=queries.count_by_area(session, today),
        wanted=wanted,
        departments=list_departments(session),
        areas=list_areas(session),
    )


@blueprint.get("/actions/<slug>")
@public
def show(slug: str) -> str:
    """Show one action: the promise, the dates, the steps, the news, who asked for it."""
    action = _action(slug)
    today, session = get_town_day(db.session()), db.session()
    actor = current_actor()
    linked = [c for c in action.contributions if c.is_public]
    return render_template(
        "actions/show.html",
        action=action,
        status=WORKFLOW[action.status],
        is_late=queries.is_late(action, today),
        steps=update_steps(action),
        contributions=linked,
        may_manage=policies.may_manage(actor, action),
        undo=_undo(action, actor),
        is_following=queries.is_following(session, action, actor.account_id),
        link_form=LinkForm(),
        follow_url=url_for(
            "accounts.sign_in",
            next=url_for("accounts.named_intent", act=FOLLOW, about=action.slug),
        ),
    )


@blueprint.route("/actions/new", methods=["GET", "POST"])
@agents
@write_limit
def new() -> str | Response | tuple[str, int]:
    """Turn one or many contributions into an action."""
    session, actor = db.session(), current_actor()
    asked = _asked_for()
    authorise(policies.may_create(actor))
    form = ActionForm(data=proposed(asked) if request.method == "GET" else None)
    fill_choices(form, list_departments(session), list_areas(session))
    if form.validate_on_submit():
        try:
            action = operations.create_action(session, _draft(form), asked, actor=actor)
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("L’action est publiée. Les personnes concernées sont prévenues."))
            return redirect(url_for(".show", slug=action.slug), 303)
    page = render_template("actions/edit.html", form=form, action=None, contributions=asked)
    return (page, 422) if form.errors else page


@blueprint.route("/actions/<slug>/edit", methods=["GET", "POST"])
@agents
@write_limit
def edit(slug: str) -> str | Response | tuple[str, int]:
    """Correct what is said of an action."""
    session, actor = db.session(), current_actor()
    action = _managed(slug)
    form = ActionForm(data=said_of(action) if request.method == "GET" else None)
    fill_choices(form, list_departments(session), list_areas(session))
    form.show(shown_of(action))
    if form.validate_on_submit():
        try:
            form.check_seen(session, action, lambda: shown_of(action))
            operations.edit_action(session, action, _draft(form), actor=actor)
        except Invalid as error:
            session.rollback()
            form.refuse(error)
        else:
            session.commit()
            flash(gettext("L’action est corrigée."))
            return redirect(url_for(".show", slug=slug), 303)
    page = render_template("actions/edit.html", form=form, action=action, contributions=[])
    return (page, 422) if form.errors else page


@blueprint.route("/actions/<slug>/updates", methods=["GET", "POST"])
@agents
@write_limit
def update(slug: str) -> str | Response | tuple[str, int]:
    """Post news, and with it perhaps the next step."""
    session, actor = db.session(), current_actor()
    action = _managed(slug)
    form = UpdateForm(progress=action.progress)
    edges = WORKFLOW.allowed_from(action.status, {Party.AGENT})
    steps = [(edge.to, gettext(edge.verb)) for edge in edges]
    form.to.choices = choices([("", gettext("Donner des nouvelles, sans changer d’étape")), *steps])
    reasons = [(code, gettext(label)) for code, label in WORKFLOW.reasons.items()]
    form.reason.choices = choices([("", gettext("Aucun")), *reasons])
    form.show(standing_of(action))
    if request.method == "POST":
        # Before the photos are read: they go with the conflict, and are asked for again.
        form.check_seen(session, action, lambda: standing_of(action))
        form.receive()
        form.keep(session)
        session.commit()
    if form.validate_on_submit() and form.decode(session):
        try:
            operations.post_update(
                session,
                action,
                actor=actor,
                body=form.body.data or "",
                to=form.to.data or "",
                reason=form.reason.data or "",
                progress=form.progress.data,
                start_on=form.start_on.data,
                end_on=form.end_on.data,
                photos=release_drafts(session, form.draft_token.data or ""),
            )
        except (Invalid, Conflict) as error:
            session.rollback()
            form.refuse(error if isinstance(error, Invalid) else Invalid(error.message))
        else:
            session.commit()
            flash(gettext("La nouvelle est publiée. Les personnes concernées seront prévenues."))
            return redirect(url_for(".show", slug=slug), 303)
    page = render_template("actions/update.html", form=form, action=action)
    return (page, 422) if form.errors else page


@blueprint.post("/actions/<slug>/undo")
@agents
@write_limit
def undo(slug: str) -> Response:
    """Take back the step that I took a few minutes ago."""
    session, actor = db.session(), current_actor()
    action = _managed(slug)
    undo_update(session, action, request.form.get("step", type=row_id), actor=actor)
    session.commit()
    flash(gettext("L’étape est annulée : personne n’en a reçu de courriel."))
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.route("/actions/<slug>/photos", methods=["GET", "POST"])
@agents
@write_limit
def photos(slug: str) -> str | Response:
    """Say what is to be seen on the photos of its news."""
    session = db.session()
    action = _managed(slug)
    shown = [photo for news in action.news for photo in news.photos]
    form, back = Form(), url_for(".show", slug=slug)
    if form.validate_on_submit():
        describe(session, shown, sent_descriptions())
        session.commit()
        return redirect(back, 303)
    return render_template(
        "attachments/describe.html",
        form=form,
        title=action.title,
        photos=photo_views(shown, action.title),
        sent=sent_descriptions(),
        back=back,
    )


@blueprint.post("/actions/<slug>/links")
@agents
@write_limit
def links(slug: str) -> Response:
    """Link more contributions by their references."""
    session, actor = db.session(), current_actor()
    action = _managed(slug)
    try:
        asked = linkable(session, request.form.get("references", ""), actor)
    except NotFound as error:
        # The page of the refusal gives back what was typed.
        raise Invalid(error.message, **error.values) from None
    new = operations.link(session, action, asked, actor=actor)
    session.commit()
    flash(ngettext("%(num)s demande reliée.", "%(num)s demandes reliées.", len(new)))
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.post("/actions/<slug>/unlink/<reference>")
@agents
@write_limit
def unlink(slug: str, reference: str) -> Response:
    """Take a link away."""
    session = db.session()
    action = _managed(slug)
    try:
        (contribution,) = queries.get_contributions(session, [reference])
    except NotFound:
        abort(404)
    operations.unlink(session, action, contribution)
    session.commit()
    flash(gettext("La demande n’est plus reliée à cette action."))
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.post("/actions/<slug>/follow")
@residents
@vote_limit
def follow(slug: str) -> Response:
    """Follow an action, or stop."""
    session, actor = db.session(), current_actor()
    action = _action(slug)
    authorise(policies.may_follow(actor, action))
    if request.form.get("action") == "unfollow":
        operations.unfollow(session, action, actor=actor)
    else:
        operations.follow(session, action, actor=actor)
    session.commit()
    return redirect(url_for(".show", slug=slug), 303)


def _wanted() -> ActionFilter:
    return ActionFilter(
        bucket=request.args.get("bucket", ""),
        department_id=request.args.get("department", type=row_id),
        area_id=request.args.get("area", type=row_id),
        before_id=request.args.get("before", type=row_id),
    )


def _cards(actions: list[Action], today: date) -> list[dict[str, object]]:
    numbers = queries.count_contributions(db.session(), [action.id for action in actions])
    return [
        action_card_view(action, contributions=numbers.get(action.id, 0), today=today)
        for action in actions
    ]


def _action(slug: str) -> Action:
    try:
        action = queries.get_action(db.session(), slug)
    except NotFound:
        abort(404)
    if not policies.may_see(current_actor(), action):
        abort(404)
    return action


def _undo(action: Action, actor: Actor) -> dict[str, object] | None:
    """Return what the offer to undo the last step says."""
    if not policies.may_manage(actor, action):
        return None
    update = queries.find_undoable_update(db.session(), action, actor)
    if update is None:
        return None
    return {
        "title": action.title,
        "status": WORKFLOW[action.status].label,
        "until": update.at + UNDO_WINDOW,
        "step": update.id,
        "url": url_for(".undo", slug=action.slug),
    }


def _managed(slug: str) -> Action:
    action = _action(slug)
    authorise(policies.may_manage(current_actor(), action))
    return action


def _asked_for() -> list[Contribution]:
    """Return the contributions named in the query or the form, those one may link."""
    given = request.values.getlist("contribution")
    try:
        return linkable(db.session(), " ".join(given), current_actor()) if given else []
    except (NotFound, Invalid):
        abort(404)


def _draft(form: ActionForm) -> ActionDraft:
    session = db.session()
    department = session.get_one(Department, form.department.data)
    return ActionDraft(
        title=form.title.data or "",
        body=form.body.data or "",
        department=department,
        start_on=form.start_on.data,
        end_on=form.end_on.data,
        cost=form.cost.data,
        budget_line=form.budget_line.data or "",
        address=form.address.data or "",
        area_id=form.area.data or None,
        milestones=[
            MilestoneDraft(row["title"] or "", row["due_on"], is_done=bool(row["is_done"]))
            for row in form.milestones.data
        ],
    )
