"""The pages of the desk."""

from civic.desk.views import bulk, case, entering, queue, replies
from civic.desk.views.blueprint import blueprint

__all__ = ["blueprint", "bulk", "case", "entering", "queue", "replies"]
