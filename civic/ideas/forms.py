"""The forms of an idea's pages."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField

from civic.contributions.models import Scope
from civic.participation.submission.forms import SubmissionForm
from civic.places.queries import AreaName
from civic.web.forms import choices

SCOPES = (
    (Scope.PLACE.value, _l("Un lieu précis")),
    (Scope.AREA.value, _l("Tout un quartier")),
    (Scope.TOWN.value, _l("Toute la commune")),
)


class IdeaForm(SubmissionForm):
    """A suggestion: about a place, an area or the whole town."""

    scope = RadioField(
        _l("Où se situe votre idée ?"), choices=choices(SCOPES), default=Scope.PLACE.value
    )
    area = StringField(_l("Quartier"))

    def offer_areas(self, areas: Sequence[AreaName]) -> None:
        """Ask for no area in a town that has none."""
        if not areas:
            self.scope.choices = choices([one for one in SCOPES if one[0] != Scope.AREA.value])
