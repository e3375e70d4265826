"""What stands for a photo where it cannot be seen."""

from flask_babel import gettext

from civic.contributions.models import Contribution
from civic.web.addresses import write_address
from civic.web.language import locale_code


def photo_alt(description: str, about: str, number: int = 1, total: int = 1) -> str:
    """Return the words of whoever described it, or which of how many photos it is, and of what."""
    if description:
        return description
    if total > 1:
        return gettext("Photo %(n)s sur %(total)s : %(about)s", n=number, total=total, about=about)
    return gettext("Photo : %(about)s", about=about)


def photo_subject(contribution: Contribution) -> str:
    """Return what the photos of a contribution are about: its category, and where it is."""
    area = contribution.area
    place = write_address(contribution.address) or (area.name if area is not None else "")
    return subject(contribution.category.name_in(locale_code()), place)


def subject(category: str, place: str) -> str:
    """Return category and place as one line, without what is not known."""
    return ", ".join(filter(None, (category, place)))
