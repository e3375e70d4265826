"""Background work: what runs by itself, and what is asked for."""

from civic.tasks import models

__all__ = ["models"]
