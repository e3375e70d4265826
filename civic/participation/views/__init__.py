"""The addresses under ``/c/<reference>`` and ``/comments``: what people do to a contribution."""

from civic.participation.views import comments, flags, messages, pages, photos, support
from civic.participation.views.blueprint import blueprint

__all__ = ["blueprint", "comments", "flags", "messages", "pages", "photos", "support"]
