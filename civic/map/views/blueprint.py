"""The blueprint of the map."""

from flask import Blueprint

blueprint = Blueprint("map", __name__)
