"""Actions as the templates want them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import format_decimal, gettext

from civic.actions.forms import ActionForm
from civic.actions.models import Action
from civic.actions.queries import is_late
from civic.actions.workflow import WORKFLOW
from civic.attachments import photo_srcset, photo_url
from civic.attachments.captions import photo_alt
from civic.attachments.models import Photo
from civic.contributions.models import Contribution
from civic.i18n import N_
from civic.taxonomy.models import Department
from civic.text.markdown import plain_text
from civic.web.addresses import write_address
from civic.web.dates import format_day
from civic.web.forms import choices
from civic.web.language import locale_code
from civic.web.seen import Shown


def action_card_view(action: Action, *, contributions: int, today: date) -> dict[str, object]:
    """Return what ``action_card`` shows of an action."""
    status = WORKFLOW[action.status]
    was, now = period(action.first_start_on, action.first_end_on), current_period(action)
    return {
        "id": action.id,
        "url": url_for("actions.show", slug=action.slug),
        "title": action.title,
        "excerpt": plain_text(action.body, 160),
        "status_label": gettext(status.label),
        "status_type": status.type,
        "status_icon": status.icon,
        "department": action.department.name_in(locale_code()),
        "area": write_address(action.address),
        "period": now,
        "period_was": was if was != now else "",
        "progress": action.progress,
        "contributions": contributions,
        "cost": euros(action.cost),
        "late": is_late(action, today),
    }


def euros(cost: int | None) -> str:
    """Return a cost in whole euros, in words; nothing when it is not known."""
    if cost is None:
        return ""
    number = format_decimal(cost)
    return gettext("%(number)s €", number=number)


def current_period(action: Action) -> str:
    """Return the dates as they are now, in words."""
    return period(action.start_on, action.end_on)


def period(start: date | None, end: date | None) -> str:
    """Return two dates in words; either may be unknown."""
    if start and end:
        return gettext("du %(start)s au %(end)s", start=format_day(start), end=format_day(end))
    if start:
        return gettext("à partir du %(start)s", start=format_day(start))
    if end:
        return gettext("jusqu’au %(end)s", end=format_day(end))
    return ""


def update_steps(action: Action) -> list[dict[str, object]]:
    """Return the news of an action as steps of a timeline, oldest first, then what is to come."""
    steps: list[dict[str, object]] = [
        {
            "label": gettext("La ville s’engage"),
            "icon": "megaphone",
            "type": "open",
            "when": action.created_at,
            "who": action.department.name_in(locale_code()),
            "text": "",
        }
    ]
    for update in reversed(action.news):
        status = WORKFLOW[update.to_status]
        steps.append(
            {
                "label": gettext(status.label) if update.from_status else gettext("Nouvelles"),
                "icon": status.icon if update.from_status else "chat-dots",
                "type": status.type,
                "when": update.at,
                "who": action.department.name_in(locale_code()),
                "text": update.body,
                "reason": gettext(WORKFLOW.reasons[update.reason]) if update.reason else "",
                "photos": photo_views(update.photos, action.title),
            }
        )
    if WORKFLOW[action.status].type != "open":
        return steps
    steps += [
        {
            "label": milestone.title,
            "icon": "calendar-event",
            "type": "open",
            "when": format_day(milestone.due_on) if milestone.due_on else "",
            "upcoming": True,
        }
        for milestone in action.milestones
        if milestone.done_on is None
    ]
    return steps


def photo_views(photos: Sequence[Photo], about: str) -> list[dict[str, Any]]:
    """Return photos that are shown together as components/timeline.html draws them."""
    return [
        {
            "id": photo.id,
            "url": photo_url(photo.key, "large"),
            "thumb_url": photo_url(photo.key, "small"),
            "srcset": photo_srcset(photo.key, photo.width, photo.height),
            "alt": photo_alt(photo.description, about, number, len(photos)),
            "description": photo.description,
        }
        for number, photo in enumerate(photos, start=1)
    ]


def fill_choices(
    form: ActionForm, departments: Sequence[Department], areas: Sequence[tuple[int, str, str]]
) -> None:
    """Offer the departments and areas of the town."""
    locale = locale_code()
    form.department.choices = choices(
        [("", gettext("Choisir…")), *((d.id, d.name_in(locale)) for d in departments)]
    )
    form.area.choices = choices(
        [(0, gettext("Toute la ville")), *((id, name) for id, name, _slug in areas)]
    )


def drafted_milestones(action: Action) -> list[dict[str, object]]:
    """Return the milestones as rows of the form, with room for more."""
    rows: list[dict[str, object]] = [
        {"title": m.title, "due_on": m.due_on, "is_done": m.done_on is not None}
        for m in action.milestones
    ]
    return [*rows, {}, {}]


def proposed(asked: list[Contribution]) -> dict[str, object]:
    """Return what a new action can be filled with from what asked for it."""
    if not asked:
        return {}
    first = asked[0]
    return {
        "title": first.title,
        "department": first.department_id,
        "area": first.area_id or 0,
        "address": write_address(first.address),
    }


def shown_of(action: Action) -> Shown:
    """What the form of an action can change, as its page shows it."""
    steps = [
        " ".join(str(part) for part in (one.title, one.due_on, one.done_on) if part)
        for one in action.milestones
    ]
    return {
        N_("Titre"): action.title,
        N_("Ce qui sera fait"): action.body,
        N_("Service compétent"): action.department.name,
        N_("Quartier"): action.area.name if action.area else "",
        N_("Lieu"): write_address(action.address),
        N_("Début prévu"): action.start_on,
        N_("Fin prévue"): action.end_on,
        N_("Coût en euros"): action.cost,
        N_("Ligne budgétaire"): action.budget_line,
        N_("Étapes à venir"): " · ".join(steps),
    }


def standing_of(action: Action) -> Shown:
    """What news of an action can change."""
    return {
        N_("Étape"): gettext(WORKFLOW[action.status].label),
        N_("Début prévu"): action.start_on,
        N_("Fin prévue"): action.end_on,
    }


def said_of(action: Action) -> dict[str, object]:
    """Return what the form of an action is filled with."""
    return {
        "title": action.title,
        "body": action.body,
        "department": action.department_id,
        "area": action.area_id or 0,
        "address": write_address(action.address),
        "start_on": action.start_on,
        "end_on": action.end_on,
        "cost": action.cost,
        "budget_line": action.budget_line,
        "milestones": drafted_milestones(action),
    }
