"""Forms of the town, its legal texts and the words it watches."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, NumberRange, Optional, Regexp, ValidationError

from civic.administration import labels
from civic.administration.forms.base import VersionedForm, at_most, called, is_address
from civic.web.colours import parse

ZONES = (
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Miquelon",
    "America/St_Barthelemy",
    "America/Marigot",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Gambier",
    "Pacific/Marquesas",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)


class TownForm(VersionedForm):
    """What the town is called, and how its pages look."""

    name = StringField(
        called("name"), [DataRequired(_l("Donnez le nom de la ville.")), at_most(120)]
    )
    locale = SelectField(called("locale"))
    insee_code = StringField(
        called("insee_code"),
        [
            Optional(),
            Regexp(
                r"^\s*[0-9][0-9ABab][0-9]{3}\s*$",
                message=_l("Un code INSEE a cinq caractères, par exemple 35238."),
            ),
        ],
    )
    population = IntegerField(
        called("population"),
        [Optional(), NumberRange(min=1, max=10**8, message=_l("Donnez un nombre positif."))],
    )
    colour = ColorField(called("colour"))
    logo_file = FileField(called("logo"))
    removes_logo = BooleanField(_l("Retirer le logo"))
    zone = SelectField(called("zone"))
    counts_alsace_moselle = BooleanField(called("counts_alsace_moselle"))

    def offer(self, current_zone: str) -> None:
        """Fill the lists; a zone set from the command line stays on offer."""
        self.locale.choices = [(code, gettext(name)) for code, name in labels.LOCALES.items()]
        zones = dict.fromkeys([*ZONES, current_zone])
        self.zone.choices = [(zone, zone.replace("_", " ")) for zone in zones]

    def validate_colour(self, field: ColorField) -> None:
        """Keep the colour in its one spelling."""
        try:
            field.data = parse(field.data or "")
        except ValueError:
            raise ValidationError(
                gettext("Donnez une couleur comme #1b4f7a : un dièse et six chiffres ou lettres.")
            ) from None


DATES = ("accessibility_date", "accessibility_audit_date")


def is_web_address(_form: VersionedForm, field: Field) -> None:
    """Accept an address of the web; nothing else may be followed from a public page."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", field.data or ""):
        raise ValidationError(gettext("Donnez une adresse qui commence par https://."))


class LegalForm(VersionedForm):
    """The texts of the legal pages. Nothing is compulsory here: the pages say what is missing."""

    publisher = StringField(called("publisher"), [Optional(), at_most(200)])
    publisher_address = TextAreaField(called("publisher_address"), [Optional(), at_most(500)])
    director = StringField(called("director"), [Optional(), at_most(200)])
    contact_email = StringField(called("contact_email"), [is_address, at_most(254)])
    contact_telephone = StringField(called("contact_telephone"), [Optional(), at_most(40)])
    host_name = StringField(called("host_name"), [Optional(), at_most(200)])
    host_address = TextAreaField(called("host_address"), [Optional(), at_most(500)])
    host_telephone = StringField(called("host_telephone"), [Optional(), at_most(40)])
    dpo_contact = TextAreaField(called("dpo_contact"), [Optional(), at_most(500)])
    supervisory = TextAreaField(called("supervisory"), [Optional(), at_most(500)])
    accessibility_status = RadioField(called("accessibility_status"))
    accessibility_date = DateField(called("accessibility_date"), [Optional()])
    accessibility_contact = TextAreaField(
        called("accessibility_contact"), [Optional(), at_most(500)]
    )
    accessibility_audit_date = DateField(called("accessibility_audit_date"), [Optional()])
    accessibility_auditor = StringField(called("accessibility_auditor"), [Optional(), at_most(200)])
    accessibility_rate = StringField(called("accessibility_rate"), [Optional(), at_most(6)])
    accessibility_results = TextAreaField(
        called("accessibility_results"), [Optional(), at_most(5000)]
    )
    accessibility_exceptions = TextAreaField(
        called("accessibility_exceptions"), [Optional(), at_most(5000)]
    )
    accessibility_burden = TextAreaField(
        called("accessibility_burden"), [Optional(), at_most(5000)]
    )
    accessibility_exempt = TextAreaField(
        called("accessibility_exempt"), [Optional(), at_most(5000)]
    )
    accessibility_environment = TextAreaField(
        called("accessibility_environment"), [Optional(), at_most(2000)]
    )
    accessibility_tools = TextAreaField(called("accessibility_tools"), [Optional(), at_most(2000)])
    accessibility_pages = TextAreaField(called("accessibility_pages"), [Optional(), at_most(5000)])
    accessibility_scheme = StringField(
        called("accessibility_scheme"), [Optional(), is_web_address, at_most(500)]
    )
    accessibility_plan = StringField(
        called("accessibility_plan"), [Optional(), is_web_address, at_most(500)]
    )

    def offer(self) -> None:
        """Fill the list of statuses."""
        self.accessibility_status.choices = [
            (code, gettext(name).capitalize())
            for code, name in labels.ACCESSIBILITY_STATUSES.items()
        ]

    @staticmethod
    def shown(texts: dict[str, str]) -> dict[str, Any]:
        """Return the stored ``texts`` as the fields take them."""
        return (
            texts
            | {"accessibility_status": texts["accessibility_status"] or "none"}
            | {name: date.fromisoformat(day) if (day := texts[name]) else None for name in DATES}
        )

    def texts(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return what was given, all as texts."""
        values = self.values(names)
        return {name: value or "" for name, value in values.items()} | {
            name: day.isoformat() if (day := values[name]) else "" for name in DATES
        }

    def validate_accessibility_rate(self, field: StringField) -> None:
        """Keep a number from 0 to 100, with a comma or a point, in its one spelling."""
        text = (field.data or "").replace("%", "").replace(",", ".").strip()
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text) or float(text) > 100:
            raise ValidationError(gettext("Donnez un nombre de 0 à 100, par exemple 87,5."))
        field.data = text


class BlockedWordsForm(VersionedForm):
    """The town's own words to watch."""

    words = TextAreaField(called("blocked_words"), [Optional(), at_most(100_000)])
