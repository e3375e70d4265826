"""Entering what came by telephone, by letter or at the counter."""

from datetime import datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from civic.accounts.session import current_actor
from civic.attachments.operations import attach
from civic.contributions.kinds import Kind, kinds
from civic.contributions.models import Channel, Contribution, Scope
from civic.contributions.operations import Draft
from civic.database import utcnow
from civic.desk import operations
from civic.desk.forms import NewCaseForm
from civic.desk.operations import OnBehalf
from civic.desk.policies import may_open
from civic.desk.views.blueprint import blueprint
from civic.errors import Invalid
from civic.extensions import db
from civic.i18n import N_
from civic.participation.submission.answers import choice_label, read_answers
from civic.participation.submission.place import PlaceAsked, PlaceFound, find_place, look_up
from civic.places.queries import get_town_day, get_town_language, get_town_zone, list_areas
from civic.taxonomy.models import Category
from civic.taxonomy.queries import list_categories
from civic.web.access import agents
from civic.web.addresses import write_address
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.limits import write_limit

Asked = tuple[Kind, Category]


@blueprint.route("/desk/new", methods=["GET", "POST"])
@agents
@write_limit
def new() -> str | Response | tuple[str, int]:
    """Enter a request on behalf of a resident."""
    form = NewCaseForm()
    if request.method == "POST":
        form.receive()
    session = db.session()
    offered = _fill(session, form)
    if request.method == "GET":
        if request.args.get("category", "") in offered:
            form.category.data = request.args["category"]
        return _page(form, PlaceFound(), offered)
    form.keep(session)
    session.commit()
    if request.form.get("step") == "address":
        place = look_up(session, form.address.data or "")
        _show_place(form, place)
        return _page(form, place, offered)
    if request.form.get("step") == "category":
        return _page(form, PlaceFound(address=form.address.data or ""), offered)
    valid = form.validate()
    valid = _answered(form, offered) and valid
    place = _place(session, form)
    if valid and not form.errors and form.decode(session):
        try:
            contribution, token = _store(session, form, offered, place)
        except Invalid as error:
            session.rollback()
            form.load_kept(session)
            form.refuse(error)
        else:
            session.commit()
            flash(
                gettext("Le dossier %(reference)s est ouvert.", reference=contribution.reference),
                "success",
            )
            if contribution.author_id is None:
                link = url_for("submission.private_link", token=token, _external=True)
                flash(gettext("Lien de suivi à donner à la personne : %(link)s", link=link))
            is_mine = may_open(current_actor(), contribution)
            endpoint = ".show" if is_mine else "participation.show"
            return redirect(url_for(endpoint, reference=contribution.reference), 303)
    return _page(form, place, offered), 422


def _fill(session: Session, form: NewCaseForm) -> dict[str, Asked]:
    """Offer every category under each kind that uses it; return them by the value sent."""
    locale = locale_code()
    offered = {
        f"{kind.code}:{category.id}": (kind, category)
        for category in list_categories(session, with_questions=True)
        for kind in kinds
        if kind.code in category.kinds
    }
    form.category.choices = choices(
        [
            ("", gettext("Choisir…")),
            *(
                (value, f"{gettext(kind.label)} – {category.name_in(locale)}")
                for value, (kind, category) in sorted(
                    offered.items(), key=lambda item: item[1][0].letter, reverse=True
                )
            ),
        ]
    )
    form.area.choices = choices(
        [
            ("", gettext("Choisir…")),
            ("town", gettext("Toute la ville")),
            *((str(area.id), area.name) for area in list_areas(session)),
        ]
    )
    return offered


def _answered(form: NewCaseForm, offered: dict[str, Asked]) -> bool:
    """Whether a category is chosen, and its questions were shown and answered as they want."""
    _, category = offered.get(form.category.data or "", (None, None))
    if category is None:
        form.refuse(Invalid(N_("Choisissez une catégorie."), field="category"))
        return False
    form.answers_to(category)
    return not form.form_errors


def _place(session: Session, form: NewCaseForm) -> PlaceFound:
    """Return the place; without an address, the district will do."""
    asked = PlaceAsked(
        lat=form.lat.data or "",
        lon=form.lon.data or "",
        address=form.address.data or "",
        resolved_for=form.resolved_for.data or "",
        placed_by=form.placed_by.data or "",
        candidate=request.form.get("candidate", "").replace("\x00", ""),
    )
    place = find_place(session, asked)
    _show_place(form, place)
    return place


def _show_place(form: NewCaseForm, place: PlaceFound) -> None:
    address = write_address(place.address)
    form.address.data = address or form.address.data
    form.resolved_for.data = address if place.position else ""
    form.placed_by.data = "address" if place.position else ""
    form.lat.data = f"{place.position.lat:.7f}" if place.position else ""
    form.lon.data = f"{place.position.lon:.7f}" if place.position else ""
    if place.position is None and not form.area.data:
        message = place.refusal.message if place.refusal else N_("Indiquez le lieu.")
        form.refuse(Invalid(message, field="address"))


def _store(
    session: Session, form: NewCaseForm, offered: dict[str, Asked], place: PlaceFound
) -> tuple[Contribution, str]:
    kind, category = offered[form.category.data]
    scope, area_id = Scope.PLACE, place.area_id
    if place.position is None:
        scope, area_id = _district(session, form.area.data)

    def photos(contribution: Contribution) -> None:
        attach(session, contribution, form.draft_token.data or "")

    return operations.enter_on_behalf(
        session,
        kind,
        Draft(
            title=form.title.data or "",
            body=form.body.data or "",
            category=category,
            scope=scope,
            position=place.position,
            area_id=area_id,
            address=place.address if place.position else form.address.data or "",
            answers=read_answers(category, request.form.getlist)[0],
            locale=get_town_language(session),
        ),
        OnBehalf(
            channel=Channel(form.channel.data),
            received_at=_received_at(session, form),
            email=(form.email.data or "").strip(),
            caller=form.caller.data or "",
            telephone=form.telephone.data or "",
        ),
        actor=current_actor(),
        form_key=form.draft_token.data or "",
        attach=photos,
    )


def _district(session: Session, chosen: str) -> tuple[Scope, int | None]:
    if chosen == "town":
        return Scope.TOWN, None
    known = {str(area.id): area.id for area in list_areas(session)}
    if chosen not in known:
        raise Invalid(N_("Choisissez un quartier de la liste."), field="area")
    return Scope.AREA, known[chosen]


def _received_at(session: Session, form: NewCaseForm) -> datetime:
    """The day it came, at noon; today, now."""
    zone, now = get_town_zone(session), utcnow()
    day = form.received_on.data
    if day is None or day == get_town_day(session, now):
        return now
    if day.year < 2000:
        raise Invalid(N_("Ce jour est trop ancien : vérifiez l’année."), field="received_on")
    return datetime.combine(day, time(12), zone)


def _page(form: NewCaseForm, place: PlaceFound, offered: dict[str, Asked]) -> str:
    _, category = offered.get(form.category.data or "", (None, None))
    form.asked.data = form.category.data
    context: dict[str, Any] = {
        "form": form,
        "place": place,
        "questions": category.questions if category is not None else [],
        "given": request.form.getlist,
        "choice_label": choice_label,
    }
    return render_template("desk/new.html", **context)
