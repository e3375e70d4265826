"""What both forms look up while they are filled, and the way back by the private link."""

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from civic.contributions.kinds import kind_of
from civic.extensions import db
from civic.participation.submission.flow import remember
from civic.participation.submission.following import find_by_link
from civic.participation.submission.place import read_position
from civic.places.operations import OUTSIDE, locate
from civic.places.queries import get_town
from civic.web.access import public
from civic.web.addresses import write_address
from civic.web.errors import error_page
from civic.web.limits import typing_limit

blueprint = Blueprint("submission", __name__)


@blueprint.get("/places/at")
@public
@typing_limit
def where() -> Response | tuple[Response, int]:
    """Say which address a point has, and whether the town answers for it (JSON)."""
    position = read_position(request.args.get("lat", ""), request.args.get("lon", ""))
    if position is None:
        return jsonify(error="lat and lon, in degrees, are expected"), 400
    session = db.session()
    found = locate(session, position)
    message = "" if found.inside else gettext(OUTSIDE, town=get_town(session).name)
    return jsonify(inside=found.inside, address=write_address(found.address), message=message)


@blueprint.get("/s/<token>")
@public
def private_link(token: str) -> BaseResponse | tuple[str, int]:
    """Let whoever holds the link be the author in this browser, and show them their page.

    It writes nothing but the cookie: mail programs that open links early do no harm.
    """
    contribution = find_by_link(db.session(), token[:200])
    if contribution is None:
        sentence = gettext(
            "Ce lien de suivi n’est pas complet ou n’existe plus. Copiez-le en entier depuis le "
            "message reçu, ou cherchez votre signalement par sa référence."
        )
        return error_page(404, sentence)
    remember(contribution)
    target = url_for(f"{kind_of(contribution).blueprint}.show", reference=contribution.reference)
    response = redirect(target, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
