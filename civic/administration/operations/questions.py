"""Changing the questions of a category."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.administration.models import Change
from civic.administration.operations.changes import claim, require_administrator
from civic.administration.operations.rows import edit_row, move_row, unused, write_down
from civic.errors import Invalid
from civic.i18n import N_
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion
from civic.text.slugs import slugify

QUESTION_FIELDS = ("label", "label_en", "help", "help_en", "answer_type", "is_required", "choices")
LISTS = frozenset({AnswerType.SINGLEVALUELIST, AnswerType.MULTIVALUELIST})


def question_snapshot(question: CategoryQuestion) -> dict[str, Any]:
    """Return what the page of a question shows, by field, the choices by their names."""
    values = {name: getattr(question, name) for name in QUESTION_FIELDS}
    values["answer_type"] = str(question.answer_type)
    values["choices"] = [choice["name"] for choice in question.choices]
    return values


def create_question(
    session: Session,
    category: Category,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> CategoryQuestion:
    """Ask one more question in a category; raises Invalid, ChangedMeanwhile."""
    require_administrator(actor)
    checked = dict(values) | {"choices": _choices(values)}
    claim(session, category, version)
    taken = {question.code for question in category.questions}
    question = CategoryQuestion(
        code=unused(slugify(checked["label"], limit=70, fallback="question"), taken),
        position=max((q.position for q in category.questions), default=-1) + 1,
        **checked,
    )
    category.questions.append(question)
    write_down(session, question, Change.CREATED, actor=actor)
    return question


def edit_question(
    session: Session,
    question: CategoryQuestion,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> None:
    """Change a question; ``version`` is its category's. Raises Invalid, ChangedMeanwhile.

    Choices keep the key that answers were stored under, whatever they are called now.
    """
    checked = dict(values) | {"choices": _choices(values)}
    wanted = {name: checked[name] for name in QUESTION_FIELDS}
    edit_row(
        session,
        question,
        wanted,
        question_snapshot,
        claimed=question.category,
        version=version,
        actor=actor,
    )


def move_question(session: Session, question: CategoryQuestion, *, up: bool, actor: Actor) -> None:
    """Move a question one place up or down among those of its category."""
    require_administrator(actor)
    move_row(session, question.category.questions, question, up=up, actor=actor)


def delete_question(session: Session, question: CategoryQuestion, *, actor: Actor) -> None:
    """Stop asking a question; answers already given stay readable."""
    require_administrator(actor)
    category = question.category
    claim(session, category, category.version)
    write_down(session, question, Change.DELETED, actor=actor)
    category.questions.remove(question)
    session.flush()


def _choices(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the choices with a key each; none unless the answer is chosen from a list."""
    if values["answer_type"] not in LISTS:
        return []
    given: Sequence[Mapping[str, str]] = [row for row in values["choices"] if row["name"]]
    if len(given) < 2:
        raise Invalid(N_("Donnez au moins deux choix."), field="choices")
    if len({row["name"] for row in given}) < len(given):
        raise Invalid(N_("Deux choix portent le même nom : distinguez-les."), field="choices")
    taken: set[str] = set()
    choices = []
    for row in given:
        key = row.get("key") or slugify(row["name"], limit=50, fallback="choix")
        key = unused(key, taken)
        taken.add(key)
        choices.append({"key": key, "name": row["name"], "name_en": row.get("name_en") or ""})
    return choices
