"""The form that corrects a contribution, for its author and for the agents in charge."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Length

from civic.attachments.forms import PhotosMixin
from civic.contributions.models import Contribution
from civic.participation.submission.forms import AskingMixin, WrittenMixin
from civic.participation.submission.place import PlaceAsked, PlaceFound
from civic.text.ids import read_id
from civic.web.addresses import write_address
from civic.web.forms import Form
from civic.web.seen import SeenMixin


class EditForm(SeenMixin, AskingMixin, WrittenMixin, PhotosMixin, Form):
    """Text, category, place and photos; ``why`` is an agent's to say, and public."""

    category = SelectField(_l("Catégorie"), validate_choice=False)
    why = StringField(
        _l("Pourquoi"),
        validators=[
            Length(max=500, message=_l("Ce texte est trop long : %(max)d caractères au plus."))
        ],
    )

    def fill(self, contribution: Contribution) -> None:
        """Show what is stored."""
        self.title.data, self.body.data = contribution.title, contribution.body
        self.category.data = str(contribution.category_id)
        self.address.data = self.resolved_for.data = write_address(contribution.address)
        if contribution.lat is not None:
            self.lat.data, self.lon.data = f"{contribution.lat:.7f}", f"{contribution.lon:.7f}"
            self.placed_by.data = "address"

    def moves(self, contribution: Contribution) -> bool:
        """Whether the form names another place than the one that is stored."""
        if request.form.get("candidate"):
            return True
        if "address" not in request.form and "lat" not in request.form:
            return False
        lat = f"{contribution.lat:.7f}" if contribution.lat is not None else ""
        lon = f"{contribution.lon:.7f}" if contribution.lon is not None else ""
        given = (self.lat.data or "", self.lon.data or "", (self.address.data or "").strip())
        return given != (lat, lon, write_address(contribution.address))

    def asked_place(self) -> PlaceAsked:
        """Return what the form says of the place."""
        return PlaceAsked(
            lat=self.lat.data or "",
            lon=self.lon.data or "",
            address=self.address.data or "",
            resolved_for=self.resolved_for.data or "",
            placed_by=self.placed_by.data or "",
            candidate=request.form.get("candidate", "").replace("\x00", ""),
        )

    def show_place(self, found: PlaceFound) -> None:
        """Write into the fields what came of the place; a refusal stands beside the address."""
        self.address.data = write_address(found.address)
        self.resolved_for.data = self.address.data if found.position else ""
        self.lat.data = f"{found.position.lat:.7f}" if found.position else ""
        self.lon.data = f"{found.position.lon:.7f}" if found.position else ""
        if found.refusal is not None:
            self.refuse(found.refusal)

    def removed_photos(self) -> set[int]:
        """Return the ids of the photos that are to go."""
        given = (read_id(id) for id in request.form.getlist("remove_photo"))
        return {id for id in given if id is not None}
