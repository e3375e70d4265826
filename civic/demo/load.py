"""Loading the demo town: once; a later start finds it there and leaves it as it is."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from civic.accounts.operations import create_account
from civic.demo.people import PEOPLE
from civic.places.models import Town
from civic.places.queries import find_town
from civic.settings import Settings
from civic.taxonomy.starter import add_starter_taxonomy


def load_demo(
    session: Session,
    settings: Settings,
    *,
    progress: Callable[[int, int | None], None],
    commit: Callable[[], None],
) -> None:
    """Load the demo town into an empty database; does nothing when it is there."""
    if find_town(session) is not None:
        return
    session.add(
        Town(
            id=1,
            name="Paris (démo)",
            insee_code="75056",
            population=2_103_778,
            south=48.8155,
            west=2.2241,
            north=48.9022,
            east=2.4698,
            is_demo=True,
        )
    )
    session.flush()
    add_starter_taxonomy(session)
    for person in PEOPLE:
        create_account(session, email=person.email, name=person.name, roles=person.roles)
    commit()
    progress(1, 1)
