"""One corpus, one table of questions: both engines find the same contributions."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM
from civic.contributions import operations
from civic.contributions.indexing import rebuild_index
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.schedule import scrub_erased
from civic.search.models import SearchWord
from civic.search.queries import get_search, matching
from civic.taxonomy.models import Category
from civic.text.references import new_reference
from tests.factories import make_contribution

CORPUS = {
    "lamp": ("Lampadaire éteint", "Rue sombre depuis lundi.", "12 avenue du Général de Gaulle"),
    "lamps": ("Deux lampadaires éteints", "Il fait noir le soir.", "3 rue Colbert"),
    "hole": (
        "Trou dans la chaussée",
        "Un **nid-de-poule** dangereux pour les vélos.",
        "12 bis rue de la Paix",
    ),
    "dump": (
        "Dépôt sauvage d’encombrants",
        "Un canapé et des matelas sur le trottoir.",
        "8 place Saint-Michel",
    ),
    "tags": (
        "Graffitis sur l'école",
        "Des tags sur le mur de l’école maternelle.",
        "31 bd Voltaire",
    ),
    "bench": ("Broken bench", "The bench near the school is broken.", "Square des Lilas"),
    "tree": ("Planter des arbres", "Des arbres pour rafraîchir la cour.", ""),
}

QUESTIONS = [
    ("lampadaire", "lamp lamps"),
    ("LAMPADAIRES ÉTEINTS", "lamp lamps"),
    ("eteint", "lamp lamps"),
    ("lampad", "lamp lamps"),
    ("lampad éteint", "lamp lamps"),
    ("lampadiare", "lamp lamps"),
    ("lampdaire eteint", "lamp lamps"),
    ("lampadère", "lamp lamps"),
    ("lanpadaire", "lamp lamps"),
    ("maternèle", "tags"),
    ("trotoir", "dump"),
    ("chausée", "hole"),
    ("nid-de-poule", "hole"),
    ("nid de poule", "hole"),
    ("velo", "hole"),
    ("encombrant", "dump"),
    ("l'école", "tags"),
    ("ecole", "tags"),
    ("graffitti", "tags"),
    ("benches", "bench"),
    ("schools", "bench"),
    ("12 avenue du général de gaulle", "lamp"),
    ("av gal de gaulle", "lamp"),
    ("12 bis r de la paix", "hole"),
    ("boulevard voltaire", "tags"),
    ("pl st michel", "dump"),
    ("arbre", "tree"),
    ("nature en ville", "tree"),
    ("lampadaire arbre", ""),
    ("12", "lamp hole"),
    ("1", ""),
    ("de la", ""),
    ("xyzzyx", ""),
    ("tros", ""),
]


@pytest.fixture
def corpus(session: Session, town: Any) -> dict[str, Contribution]:
    return {
        name: make_contribution(
            session,
            "idea" if name == "tree" else "incident",
            title=title,
            body=body,
            address=address,
        )
        for name, (title, body, address) in CORPUS.items()
    }


@pytest.fixture
def find(session: Session, corpus: dict[str, Contribution]) -> Callable[[str], str]:
    names = {contribution.id: name for name, contribution in corpus.items()}

    def ask(text: str) -> str:
        ids = session.scalars(
            select(Contribution.id)
            .where(Contribution.id.in_(matching(session, text)))
            .order_by(Contribution.id)
        )
        return " ".join(names[id] for id in ids)

    return ask


def test_the_table_of_questions(find: Callable[[str], str]) -> None:
    wrong = {
        question: (find(question), expected)
        for question, expected in QUESTIONS
        if find(question) != expected
    }
    assert wrong == {}


def test_a_reference_is_found_in_any_spelling(
    find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    reference = corpus["hole"].reference
    for spelling in (reference, reference.lower(), reference.replace("-", "")):
        assert find(spelling) == "hole"


WRITTEN = ("I-4F8K-77", "I-4F8", "4F8K", "4F8K-7", "4f8k77", "i 4f8k", "F8K7", "f8k-77", "8K 77")
CLOSE = ("4F8", "K-77", "4F9K", "J-4F8K", "F8K3", "I-4F8K-78", "48k77", "ref4f8k")


def test_any_part_of_a_reference_is_enough(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    corpus["hole"].reference = "I-4F8K-77"
    session.flush()
    assert {part: find(part) for part in WRITTEN} == dict.fromkeys(WRITTEN, "hole")
    assert {part: find(part) for part in CLOSE} == dict.fromkeys(CLOSE, "")
    corpus["hole"].reference = "I-2407-BK"
    session.flush()
    assert find("F8K7") == ""


def test_parts_of_digits_or_of_letters_alone_are_parts(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    corpus["hole"].reference = "I-B4096KFVT-31"
    session.flush()
    for part in ("4096", "KFVT", "KFV T3", "O96K", "VT3I"):
        assert find(part) == "hole", part


def test_a_part_of_a_hidden_reference_finds_nothing(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    corpus["hole"].reference = "I-4F8K-77"
    corpus["hole"].moderation_state = ModerationState.HIDDEN
    session.flush()
    assert find("F8K7") == ""


def test_a_part_is_no_word_to_complete_or_correct(
    session: Session, corpus: dict[str, Contribution]
) -> None:
    before = set(session.scalars(select(SearchWord.word)))
    corpus["hole"].reference = new_reference("I", Random(1), length=8)
    session.flush()
    assert set(session.scalars(select(SearchWord.word))) == before


def test_a_typing_error_is_said(session: Session, corpus: dict[str, Contribution]) -> None:
    assert get_search(session, "lampadiare").corrections == (("lampadiare", "lampadaire"),)
    assert get_search(session, "Lampadère cassé").corrections == (("Lampadère", "lampadaire"),)
    assert get_search(session, "lampadaire").corrections == ()


def test_what_is_hidden_or_held_is_not_found(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    operations.hide(session, corpus["hole"], actor=SYSTEM)
    assert find("chaussée") == ""
    operations.publish(session, corpus["hole"], actor=SYSTEM)
    assert find("chaussée") == "hole"
    operations.hold(session, corpus["hole"], actor=SYSTEM)
    assert find("chaussée") == ""
    held = make_contribution(session, held=True, title="Secret bien gardé")
    assert find("secret") == ""
    session.delete(held)


def test_a_redacted_word_is_gone_at_once(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    operations.edit_text(
        session, corpus["dump"], actor=SYSTEM, title="Dépôt sauvage", body="Un canapé."
    )
    assert find("matelas") == ""
    assert find("canapé") == "dump"


def test_what_is_rolled_back_was_never_found(
    session: Session, find: Callable[[str], str], corpus: dict[str, Contribution]
) -> None:
    operations.edit_text(session, corpus["dump"], actor=SYSTEM, title="Perruche", body="")
    assert find("perruche") == "dump"
    session.rollback()
    assert find("perruche") == ""


def test_the_name_of_the_category_finds_it_also_after_a_change(
    session: Session, find: Callable[[str], str]
) -> None:
    category = session.scalars(select(Category).where(Category.code == "nature")).one()
    category.name = "Biodiversité"
    session.flush()
    assert find("biodiversité") == "tree"
    assert find("nature") == ""


def test_made_anew_it_finds_the_same(session: Session, find: Callable[[str], str]) -> None:
    before = [find(question) for question, _ in QUESTIONS]
    steps: list[tuple[int, int]] = []
    assert rebuild_index(session, lambda done, of: steps.append((done, of))) == len(CORPUS)
    assert steps == [(len(CORPUS), len(CORPUS))]
    assert [find(question) for question, _ in QUESTIONS] == before


def test_a_tidied_index_finds_the_same(session: Session, find: Callable[[str], str]) -> None:
    before = [find(question) for question, _ in QUESTIONS]
    scrub_erased(session)
    assert [find(question) for question, _ in QUESTIONS] == before


def hostile() -> Iterator[str]:
    yield from ('"', "'", "a' OR '1'='1", 'lamp" OR "x', "NEAR(a b)", "lamp*", "* ^ : - + { }")
    yield from ("AND OR NOT", "terms:lamp", "& | ! <->", "':*", "\\", "%", "_", "\x00lamp\x00")
    yield from ("😀", "лампа", "电灯", "ﬁn", "x" * 10_000, "mot " * 2_500, "\u202elamp", "-" * 500)


@pytest.mark.parametrize("text", list(hostile()), ids=lambda text: ascii(text[:12]))
def test_hostile_questions_have_an_answer(find: Callable[[str], str], text: str) -> None:
    find(text)


def test_other_scripts_are_found_too(
    session: Session, find: Callable[[str], str], town: Any
) -> None:
    made = make_contribution(session, title="Лампа не горит", body="")
    assert session.scalars(matching(session, "лампа")).all() == [made.id]
