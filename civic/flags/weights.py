"""How much a flag weighs: the past accuracy of whoever raises it. Pure functions."""

_PRIOR_UPHELD = 1
_PRIOR_RAISED = 10
VISITOR_WEIGHT = 0.05


def flag_weight(upheld: int, rejected: int) -> float:
    """Return the weight, 0 to 1, of a flag by an account with this record.

    Smoothed, so that a fresh account starts at 0.1 and earns its weight: ten times right is 0.55.
    """
    if upheld < 0 or rejected < 0:
        raise ValueError(f"{upheld} upheld and {rejected} rejected are not counts")
    return (upheld + _PRIOR_UPHELD) / (upheld + rejected + _PRIOR_RAISED)
