"""The design language on one page: every component in every state (docs/design.md).

Only the demo serves it. What it shows is made up, and nothing on it writes anything.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, render_template
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from civic.web.access import public
from civic.web.assets import static_url
from civic.web.forms import Form, choices

blueprint = Blueprint("gallery", __name__)


class SampleForm(Form):
    """One field of each sort. It is shown, never sent."""

    title = StringField("Que se passe-t-il ?", [InputRequired(), Length(max=120)])
    body = TextAreaField("Décrivez ce que vous avez vu", [Optional(), Length(max=2000)])
    street = SelectField(
        "Rue",
        choices=choices([("", "Choisissez une rue"), ("1", "Rue des Lilas"), ("2", "Quai Vieux")]),
    )
    email = EmailField("Votre adresse électronique", [InputRequired(), Email()])
    code = StringField("Code reçu par courriel", [InputRequired()])
    category = RadioField(
        "De quoi s’agit-il ?",
        [InputRequired("Choisissez un sujet.")],
        choices=choices(
            [
                ("light", "Éclairage"),
                ("road", "Voirie"),
                ("waste", "Déchets"),
                ("tree", "Espaces verts"),
            ]
        ),
    )
    place = RadioField(
        "Où ?", choices=choices([("here", "À un endroit précis"), ("town", "Dans toute la ville")])
    )
    anonymous = BooleanField("Ne pas montrer mon nom")


def _when(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, 30, tzinfo=UTC)


def _contribution(**changes: Any) -> dict[str, Any]:
    return {
        "url": "#cards",
        "kind": "incident",
        "kind_label": "Signalement",
        "title": "Le lampadaire clignote devant l’école",
        "excerpt": "Depuis lundi il s’éteint toutes les dix secondes. Les enfants traversent ici "
        "à huit heures, il fait encore nuit.",
        "photo_url": "",
        "photo_alt": "",
        "category_label": "Éclairage",
        "category_icon": "lamp",
        "status_label": "Pris en compte",
        "status_type": "open",
        "status_icon": "clipboard-check",
        "area": "Les Tilleuls",
        "address": "12 rue des Lilas",
        "when": _when(11, 18),
        "votes": 12,
        "vote_label": "moi aussi",
        "comments": 3,
        **changes,
    }


def _contributions() -> list[dict[str, Any]]:
    return [
        _contribution(),
        _contribution(
            kind="idea",
            kind_label="Idée",
            title="Une boîte à livres sur la place du marché",
            excerpt="Un abri, deux bancs, et chacun y laisse les livres qu’il a lus.",
            category_label="Culture",
            category_icon="book",
            status_label="Recueille des soutiens",
            status_icon="people",
            votes=1284,
            vote_label="soutiens",
            why={"text": "Pourquoi cette idée est en tête ?", "url": "#cards"},
        ),
        _contribution(
            title="Nid-de-poule au carrefour de la gare : deux cyclistes sont déjà tombés",
            category_label="Voirie",
            category_icon="cone-striped",
            status_label="En cours",
            status_icon="play-circle",
            late="En retard de 3 jours",
            votes=48,
            comments=0,
            distance="à 350 m",
        ),
        _contribution(
            title="Dépôt sauvage derrière le gymnase",
            category_label="Déchets",
            category_icon="trash3",
            status_label="Résolu et confirmé",
            status_type="fixed",
            status_icon="check-circle-fill",
            votes=7,
            photo_url=static_url("img/share.png"),
            photo_alt="Une rue avec des maisons, un tramway et la mairie",
        ),
        _contribution(
            title="Panneau effacé rue Haute",
            category_label="Signalisation",
            category_icon="sign-stop",
            status_label="Transmis au Département",
            status_type="closed",
            status_icon="send",
            votes=0,
            comments=1,
        ),
    ]


def _action() -> dict[str, Any]:
    return {
        "url": "#cards",
        "title": "Refaire l’éclairage du quartier des Tilleuls",
        "excerpt": "64 lampadaires passent à des ampoules sobres, rue par rue.",
        "status_label": "En réalisation",
        "status_type": "open",
        "status_icon": "play-circle",
        "department": "Service éclairage",
        "area": "Les Tilleuls",
        "period": "de janvier à avril 2027",
        "period_was": "octobre 2026",
        "progress": 40,
        "contributions": 17,
        "cost": "86 000 €",
        "late": True,
    }


def _steps() -> list[dict[str, Any]]:
    return [
        {
            "label": "Reçu",
            "icon": "envelope-check",
            "type": "open",
            "when": _when(11, 3),
            "who": "Une habitante",
        },
        {
            "label": "Pris en compte",
            "icon": "clipboard-check",
            "type": "open",
            "when": _when(11, 5),
            "who": "Service éclairage",
            "text": "Merci. Nous passons vérifier le câble cette semaine.",
        },
        {
            "label": "Résolu, à confirmer",
            "icon": "check-lg",
            "type": "fixed",
            "when": _when(11, 12),
            "who": "Service éclairage",
            "text": "L’ampoule et le câble sont changés.",
            "verified_by": "3 voisins",
        },
        {
            "label": "Clôture contestée",
            "icon": "arrow-counterclockwise",
            "type": "open",
            "when": _when(11, 15),
            "who": "Une habitante",
            "text": "Il clignote encore quand il pleut.",
        },
        {
            "label": "Sans suite",
            "icon": "slash-circle",
            "type": "closed",
            "when": _when(11, 19),
            "reason": "terrain privé",
            "automatic": True,
        },
        {
            "label": "Réponse du service",
            "when": "d’ici au 4 décembre 2026",
            "upcoming": True,
        },
    ]


def _form() -> SampleForm:
    return SampleForm(formdata=None, meta={"csrf": False}, prefix="ok-")


def _form_with_errors() -> SampleForm:
    form = SampleForm(formdata=None, meta={"csrf": False}, prefix="ko-", email="marie@exemple")
    form.title.errors = ["Donnez un titre en quelques mots, par exemple « Banc cassé »."]
    form.email.errors = ["Cette adresse semble incomplète : il manque la fin, comme « .fr »."]
    form.category.errors = ["Choisissez un sujet."]
    return form


@blueprint.get("/demo/design")
@public
def index() -> str:
    """Every component, in every state."""
    return render_template(
        "demo/gallery.html",
        contributions=_contributions(),
        action=_action(),
        steps=_steps(),
        form=_form(),
        form_with_errors=_form_with_errors(),
        today=date(2026, 11, 21),
        now=_when(11, 21),
    )
