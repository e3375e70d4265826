"""The blueprint of the pages of areas."""

from flask import Blueprint

blueprint = Blueprint("areas", __name__)
