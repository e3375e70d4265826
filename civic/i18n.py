"""The marker for texts that are shown to people but written where Flask may not be imported."""


def N_(message: str) -> str:  # noqa: N802 - the customary gettext name, which the extractor knows
    """Return `message` unchanged; Babel extracts it, and a view or template translates it."""
    return message
