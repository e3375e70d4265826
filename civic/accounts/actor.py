"""Who does this now: the value that every operation and every policy receives."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What an account was entrusted with. A resident needs none: a verified address suffices."""

    AGENT = "agent"
    MODERATOR = "moderator"
    MEDIATOR = "mediator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a grant puts an agent in charge of: a department (None: all) in areas (empty: all).

    ``area_ids`` are the granted area and all areas inside it.
    """

    department_id: int | None = None
    area_ids: frozenset[int] = frozenset()

    def covers(self, department_id: int | None, area_id: int | None) -> bool:
        """Whether what belongs to that department and area is meant."""
        if self.department_id not in {None, department_id}:
            return False
        return not self.area_ids or area_id in self.area_ids


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a visitor or the software itself, with what they may do.

    ``session_id`` is the session they act in, the one that goes on when they end the others.

    ``network_key`` is a keyed hash of the caller's address, used to count bursts and for
    nothing else; see civic.accounts.networks. ``charges`` are an agent's, one a grant.
    ``follow_ids`` are the contributions whose
    private follow-up link this visitor has opened: it makes them the author without an account.
    """

    account_id: int | None = None
    session_id: int | None = None
    name: str = ""
    is_verified: bool = False
    is_system: bool = False
    is_suspended: bool = False
    roles: frozenset[Role] = frozenset()
    charges: tuple[Charge, ...] = ()
    network_key: str | None = None
    follow_ids: frozenset[int] = field(default=frozenset())

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of ``roles``."""
        return not self.roles.isdisjoint(roles)

    def is_in_charge_of(self, department_id: int | None, area_id: int | None) -> bool:
        """Whether an agent has the two together: each grant stands for itself."""
        return any(charge.covers(department_id, area_id) for charge in self.charges)

    @property
    def department_ids(self) -> frozenset[int]:
        """The departments an agent works for, somewhere; empty: all."""
        ids = {charge.department_id for charge in self.charges}
        return frozenset() if None in ids else frozenset(id for id in ids if id is not None)

    @property
    def is_resident(self) -> bool:
        """Whether the actor may take part: a verified address and no suspension."""
        return self.account_id is not None and self.is_verified and not self.is_suspended

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the town."""
        return bool(self.roles)


VISITOR = Actor()
SYSTEM = Actor(is_system=True, name="civic")
