"""The pages of moderation."""

from civic.moderation.views import accounts, decisions, ledger, measures, queue
from civic.moderation.views.blueprint import blueprint

__all__ = ["accounts", "blueprint", "decisions", "ledger", "measures", "queue"]
