"""The blueprint of the pages that find things."""

from flask import Blueprint

blueprint = Blueprint("discovery", __name__)
