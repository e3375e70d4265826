"""The blueprint that the views share."""

from flask import Blueprint

blueprint = Blueprint("participation", __name__)
