"""The registry of the kinds of contribution. A kind is data: adding one touches no page."""

from collections.abc import Iterator
from dataclasses import dataclass

from civic.contributions.models import Contribution
from civic.contributions.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contribution. Labels are French msgids.

    ``has_deadlines``: the days of its category are a promise from the day of receipt on.
    ``letter`` begins its references; ``blueprint`` is where its pages live (``<blueprint>.show``
    takes ``reference``); ``symbol`` is its shape on the map.
    """

    code: str
    letter: str
    label: str
    label_plural: str
    vote_label: str
    voted_label: str
    blueprint: str
    icon: str
    symbol: str
    model: type[Contribution]
    workflow: Workflow
    takes_stances: bool = False
    has_deadlines: bool = True


class KindRegistry:
    """The kinds known to this process, by code."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def register(self, kind: Kind) -> None:
        """Add ``kind``; registering the same one again changes nothing."""
        known = self._kinds.setdefault(kind.code, kind)
        if known is not kind and known != kind:
            raise ValueError(f"kind {kind.code!r} is registered already")

    def remove(self, code: str) -> None:
        """Take a kind out again."""
        self._kinds.pop(code, None)

    def __getitem__(self, code: str) -> Kind:
        """Return the kind named ``code``; raises KeyError for an unknown one."""
        return self._kinds[code]

    def __contains__(self, code: object) -> bool:
        """Whether ``code`` is a known kind."""
        return code in self._kinds

    def __iter__(self) -> Iterator[Kind]:
        """Iterate over the kinds in the order of their registration."""
        return iter(self._kinds.values())


kinds = KindRegistry()


def kind_of(contribution: Contribution) -> Kind:
    """Return the kind of ``contribution``."""
    return kinds[contribution.kind]
