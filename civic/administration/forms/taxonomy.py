"""Forms of departments, categories and questions."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    ColorField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from civic.administration import labels
from civic.administration.forms.base import VersionedForm, at_most, called, is_address
from civic.administration.icons import packed_icons, subject_icons
from civic.contributions.kinds import kinds
from civic.taxonomy.models import AnswerType, PublicationPolicy
from civic.web.colours import parse

MOST_CHOICES = 60
SPARE_ROWS = 4


class MultiCheckboxField(SelectMultipleField):
    """Several choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DepartmentForm(VersionedForm):
    """A department and how to reach it."""

    name = StringField(
        called("name"), [DataRequired(_l("Donnez un nom au service.")), at_most(160)]
    )
    name_en = StringField(called("name_en"), [Optional(), at_most(160)])
    email = StringField(called("email"), [is_address, at_most(254)])
    telephone = StringField(called("telephone"), [Optional(), at_most(40)])
    postal_address = TextAreaField(called("postal_address"), [Optional(), at_most(500)])


def _days() -> list[Any]:
    message = _l("Donnez un nombre de jours, de 1 à 1000.")
    return [InputRequired(message), NumberRange(min=1, max=1000, message=message)]


class CategoryForm(VersionedForm):
    """A category: what it is about, who answers, when and how."""

    name = StringField(
        called("name"), [DataRequired(_l("Donnez un nom à la catégorie.")), at_most(120)]
    )
    name_en = StringField(called("name_en"), [Optional(), at_most(120)])
    description = TextAreaField(called("description"), [Optional(), at_most(500)])
    description_en = TextAreaField(called("description_en"), [Optional(), at_most(500)])
    group = StringField(called("group"), [Optional(), at_most(120)])
    kinds = MultiCheckboxField(
        called("kinds"),
        [DataRequired(_l("Cochez au moins une case : sinon personne ne verra la catégorie."))],
    )
    department = SelectField(called("department"), coerce=int)
    icon = RadioField(called("icon"))
    colour = ColorField(called("colour"))
    policy = RadioField(called("policy"))
    allows_anonymous = BooleanField(called("allows_anonymous"))
    radius_m = IntegerField(
        called("radius_m"),
        [
            InputRequired(_l("Donnez une distance en mètres.")),
            NumberRange(min=1, max=5000, message=_l("Donnez une distance de 1 à 5000 mètres.")),
        ],
    )
    days_to_acknowledge = IntegerField(called("days_to_acknowledge"), _days())
    days_to_resolve = IntegerField(called("days_to_resolve"), _days())
    counts_working_days = BooleanField(called("counts_working_days"))

    def offer(self, departments: Sequence[tuple[int, str]], current_icon: str = "") -> None:
        """Fill the lists; an icon chosen from the command line stays on offer."""
        self.kinds.choices = [(kind.code, gettext(kind.label_plural)) for kind in kinds]
        self.department.choices = [(0, gettext("Aucun")), *departments]
        icons = dict.fromkeys(
            [*([current_icon] if current_icon in packed_icons() else []), *subject_icons()]
        )
        self.icon.choices = [(name, name) for name in icons]
        self.policy.choices = [(code, gettext(text)) for code, text in labels.POLICIES.items()]

    def validate_colour(self, field: ColorField) -> None:
        """Keep the colour in its one spelling."""
        try:
            field.data = parse(field.data or "")
        except ValueError:
            raise ValidationError(
                gettext("Donnez une couleur comme #1b4f7a : un dièse et six chiffres ou lettres.")
            ) from None

    def given(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the values of ``names`` as they are stored."""
        values = self.values(names)
        return values | {"policy": PublicationPolicy(values["policy"])}


class ChoiceForm(Form):
    """One row of the choices; an emptied name takes the choice away."""

    key = HiddenField()
    name = StringField(_l("Choix"), [Optional(), at_most(120)])
    name_en = StringField(_l("En anglais"), [Optional(), at_most(120)])


class QuestionForm(VersionedForm):
    """An extra question of a category."""

    label = StringField(called("label"), [DataRequired(_l("Écrivez la question.")), at_most(200)])
    label_en = StringField(called("label_en"), [Optional(), at_most(200)])
    help = StringField(called("help"), [Optional(), at_most(300)])
    help_en = StringField(called("help_en"), [Optional(), at_most(300)])
    answer_type = SelectField(called("answer_type"))
    is_required = BooleanField(called("is_required"))
    choices = FieldList(FormField(ChoiceForm), called("choices"), max_entries=MOST_CHOICES)

    def offer(self) -> None:
        """Fill the list of types, and add empty rows for more choices."""
        self.answer_type.choices = [
            (code, gettext(text)) for code, text in labels.ANSWER_TYPES.items()
        ]
        filled = [row for row in self.choices if row.form.name.data]
        spare = len(self.choices) - len(filled)
        for _ in range(min(SPARE_ROWS - spare, MOST_CHOICES - len(self.choices))):
            self.choices.append_entry()

    def given(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the values of ``names`` as they are stored."""
        values = self.values(names)
        rows = [
            {name: (row.form[name].data or "").strip() for name in ("key", "name", "name_en")}
            for row in self.choices
        ]
        return values | {"answer_type": AnswerType(values["answer_type"]), "choices": rows}
