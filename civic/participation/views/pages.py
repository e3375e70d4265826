"""The permanent short link of a contribution, and its QR code."""

import io

import segno
from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from civic.accounts.session import current_actor
from civic.contributions.kinds import kind_of
from civic.contributions.projection import public_of
from civic.extensions import db
from civic.participation.loading import load_visible
from civic.participation.page import gather, page_url
from civic.participation.sections import sections_of
from civic.participation.views.blueprint import blueprint
from civic.web.access import public

_A_DAY = 24 * 3600


@blueprint.get("/c/<reference>")
@public
def show(reference: str) -> str | BaseResponse:
    """Lead to the contribution, however its reference was typed from paper."""
    session, actor = db.session(), current_actor()
    contribution = load_visible(session, reference, actor)
    own_page = page_url(contribution)
    short_link = url_for("participation.show", reference=contribution.reference)
    if own_page != short_link:
        order = request.args.get("comments")
        return redirect(page_url(contribution, comments=order), 302)
    if request.path != short_link:
        return redirect(short_link, 302)
    return render_template(
        "participation/show.html",
        contribution=contribution,
        shown=public_of(contribution),
        kind=kind_of(contribution),
        status=kind_of(contribution).workflow[contribution.status],
        participation=gather(session, contribution, actor),
        sections=list(sections_of(session, contribution, actor)),
    )


@blueprint.get("/c/<reference>/qr.svg")
@public
def qr(reference: str) -> Response:
    """Draw the short link, for a poster or a notice at the place itself."""
    contribution = load_visible(db.session(), reference, current_actor())
    link = url_for("participation.show", reference=contribution.reference, _external=True)
    drawing = io.BytesIO()
    segno.make(link, error="m").save(drawing, kind="svg", scale=6, border=4, light="#ffffff")
    response = Response(drawing.getvalue(), mimetype="image/svg+xml")
    if contribution.is_public:
        response.headers["Cache-Control"] = f"public, max-age={_A_DAY}"
    else:
        response.headers["Cache-Control"] = "private, no-store"
    return response
