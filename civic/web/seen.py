"""Two people at one thing: nobody overwrites what they never saw.

A form with :class:`SeenMixin` carries a mark of every value that it may change, as its page showed
it. Before anything is
changed, ``check_seen`` reads the row again, with its lock, and compares: whoever comes second gets
their words back with what changed meanwhile (:class:`civic.errors.Overtaken`, 409), in a form that
has seen it, so that sending again is a choice.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session
from wtforms import HiddenField

from civic.database import read_again
from civic.errors import Overtaken
from civic.i18n import N_

OVERTAKEN = N_(
    "Quelqu’un d’autre a changé cela pendant que vous l’aviez sous les yeux. Rien n’a été "
    "remplacé, et rien n’est perdu : comparez, corrigez si besoin, puis envoyez de nouveau."
)
Shown = Mapping[str, Any]
"""What a page shows of a thing: label (a text to translate) and value."""


class SeenMixin:
    """A form about something that others may change. Put it before ``Form`` among the bases."""

    seen = HiddenField()

    def show(self, shown: Shown) -> None:
        """Note what the page shows; a form that came back keeps what it was opened with."""
        if not self.seen.raw_data:
            self.seen.data = _mark(shown)

    def check_seen(self, session: Session, row: Any, shown: Callable[[], Shown]) -> None:
        """Read ``row`` again and raise Overtaken unless ``shown`` is what the page showed.

        A form that does not say what it showed is taken as it is.
        """
        read_again(session, row)
        seen = (self.seen.data or "").split(".")
        now = shown()
        marks = _mark(now).split(".")
        if not self.seen.data or seen == marks:
            return
        pairs = zip(seen, marks, now.items(), strict=False)
        changed = {label: value for before, after, (label, value) in pairs if before != after}
        raise Overtaken(OVERTAKEN, changed or now, field=self.seen.name, seen=_mark(now))


def _mark(shown: Shown) -> str:
    hashes = (blake2b(repr(value).encode(), digest_size=5) for value in shown.values())
    return ".".join(one.hexdigest() for one in hashes)
