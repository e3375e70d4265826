"""Forms of people, and of areas."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, NumberRange, Optional

from civic.administration import labels
from civic.administration.forms.base import VersionedForm, at_most, called, is_address
from civic.places.models import AreaLevel
from civic.web.forms import Form


class GrantForm(Form):
    """Somebody is entrusted with a role."""

    email = StringField(
        called("email"),
        [DataRequired(_l("Donnez l’adresse électronique de la personne.")), is_address],
    )
    name = StringField(_l("Nom affiché"), [Optional(), at_most(40)])
    role = SelectField(called("role"))
    department = SelectField(called("department"), coerce=int)
    area = SelectField(called("area"), coerce=int)

    def offer(
        self, departments: Sequence[tuple[int, str]], areas: Sequence[tuple[int, str]]
    ) -> None:
        """Fill the lists."""
        self.role.choices = [(code, gettext(text)) for code, text in labels.ROLES.items()]
        self.department.choices = [(0, gettext("Tous les services")), *departments]
        self.area.choices = [(0, gettext("Toute la ville")), *areas]


class AreaForm(VersionedForm):
    """What is said of an area."""

    name = StringField(called("name"), [DataRequired(_l("Donnez un nom.")), at_most(160)])
    population = IntegerField(
        called("population"),
        [Optional(), NumberRange(min=0, max=10**8, message=_l("Donnez un nombre positif."))],
    )


class OutlinesForm(Form):
    """A file of outlines."""

    file = FileField(called("file"), [FileRequired(_l("Choisissez un fichier GeoJSON."))])
    level = SelectField(_l("Ce que le fichier contient"), default=AreaLevel.NEIGHBOURHOOD.value)
    replace = BooleanField(_l("Retirer les quartiers de ce niveau que le fichier ne contient pas"))

    def offer(self) -> None:
        """Fill the list of levels."""
        self.level.choices = [(code, gettext(text)) for code, text in labels.LEVELS.items()]
