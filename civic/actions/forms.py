"""What agents fill in to commit the town, and to say how it goes."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.attachments.forms import PhotosMixin
from civic.web.forms import Form, RowForm, row_or_none
from civic.web.seen import SeenMixin

MILESTONE_ROWS = 5


class MilestoneForm(RowForm):
    """One row of the milestones."""

    title = StringField(_l("Étape"), [Optional(), Length(max=160)])
    due_on = DateField(_l("Date prévue"), [Optional()])
    is_done = BooleanField(_l("Faite"))


class ActionForm(SeenMixin, Form):
    """An action, new or corrected."""

    title = StringField(
        _l("Titre"),
        [DataRequired(_l("Donnez un titre, en quelques mots.")), Length(max=160)],
    )
    body = TextAreaField(
        _l("Ce qui sera fait"),
        [DataRequired(_l("Dites ce qui sera fait, en quelques phrases.")), Length(max=10_000)],
    )
    department = SelectField(
        _l("Service compétent"),
        [InputRequired(_l("Choisissez un service de la liste."))],
        coerce=row_or_none,
    )
    area = SelectField(_l("Quartier"), coerce=int)
    address = StringField(_l("Lieu"), [Optional(), Length(max=250)])
    start_on = DateField(_l("Début prévu"), [Optional()])
    end_on = DateField(_l("Fin prévue"), [Optional()])
    cost = IntegerField(
        _l("Coût en euros"),
        [Optional(), NumberRange(min=0, max=10**10, message=_l("Donnez un nombre positif."))],
    )
    budget_line = StringField(_l("Ligne budgétaire"), [Optional(), Length(max=160)])
    milestones = FieldList(FormField(MilestoneForm), min_entries=MILESTONE_ROWS, max_entries=20)


class UpdateForm(SeenMixin, PhotosMixin, Form):
    """News of an action."""

    to = RadioField(_l("Étape"), choices=[], validate_choice=True, default="")
    reason = SelectField(_l("Motif"), choices=[], validate_choice=True, default="")
    body = TextAreaField(
        _l("Ce que les habitants liront"),
        [DataRequired(_l("Écrivez ce que les habitants liront.")), Length(max=4000)],
    )
    progress = IntegerField(
        _l("Avancement, de 0 à 100"),
        [Optional(), NumberRange(min=0, max=100, message=_l("Donnez un nombre de 0 à 100."))],
    )
    start_on = DateField(_l("Nouveau début"), [Optional()])
    end_on = DateField(_l("Nouvelle fin"), [Optional()])


class LinkForm(Form):
    """More contributions that the action answers."""

    references = StringField(
        _l("Références à relier"),
        [DataRequired(_l("Donnez au moins une référence, par exemple S-7K3F-92."))],
    )
