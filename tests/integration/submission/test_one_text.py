"""What a resident writes reads the same wherever it is shown."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_contribution

BODY = "Elle est **éteinte**\ndepuis lundi.\n\n- le soir\n- la nuit <script>"


@pytest.mark.parametrize("kind", ["incident", "idea"])
def test_its_page_shows_the_text_as_the_desk_and_mails_do(
    client: Any, session: Session, town: Any, kind: str
) -> None:
    item = make_contribution(session, kind=kind, body=BODY)
    session.commit()
    page = client.get(f"/{kind}s/{item.reference}").text
    assert "<strong>éteinte</strong><br>" in page
    assert "<li>le soir</li>" in page
    assert "&lt;script&gt;</li>" in page
    assert "**" not in page
