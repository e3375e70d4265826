"""The blueprint, and what all its templates may ask for."""

from flask import Blueprint

from civic.contributions.clauses import CLAUSE_BY_NUMBER
from civic.moderation import clauses
from civic.moderation.operations.statements import scope_of
from civic.moderation.queries.holds import label_of

blueprint = Blueprint("moderation", __name__)


@blueprint.context_processor
def words() -> dict[str, object]:
    """Offer the words for measures, origins, reasons and outcomes."""
    return {
        "CLAUSES": CLAUSE_BY_NUMBER,
        "MEASURES": clauses.MEASURE_LABELS,
        "scope_of": scope_of,
        "ORIGINS": clauses.ORIGIN_LABELS,
        "OUTCOMES": clauses.OUTCOME_LABELS,
        "FLAGS": clauses.FLAG_LABELS,
        "hold_label": label_of,
    }
