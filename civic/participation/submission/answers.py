"""The extra questions of a category: what was answered, checked by the type of each question.

Pure: knows neither the database nor the web. A field is named by :func:`field_name`.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from civic.errors import Invalid
from civic.i18n import N_
from civic.taxonomy.models import AnswerType, Category, CategoryQuestion

STRING_LENGTH = 250
TEXT_LENGTH = 2_000
Given = Callable[[str], Sequence[str]]
"""Returns all that was given under a field's name, nothing for an unknown one."""


def field_name(question: CategoryQuestion) -> str:
    """Return the name of the form field of ``question``."""
    return f"q-{question.id}"


def read_answers(category: Category, given: Given) -> tuple[dict[str, Any], dict[int, Invalid]]:
    """Return the answers by the code of their question, and the refusals by its id.

    Numbers are stored as numbers, moments as ISO 8601 in the town's own time, choices as the keys
    of the list. What was given for another category's questions is not looked at.
    """
    answers: dict[str, Any] = {}
    refused: dict[int, Invalid] = {}
    for question in category.questions:
        said = (text.replace("\x00", "").strip() for text in given(field_name(question)))
        texts = [text for text in said if text]
        if not texts:
            if question.is_required:
                refused[question.id] = Invalid(_MISSING[question.answer_type])
            continue
        try:
            answers[question.code] = _READERS[question.answer_type](question, texts)
        except Invalid as error:
            refused[question.id] = error
    return answers, refused


def shown_answers(category: Category, answers: dict[str, Any], locale: str) -> list[dict[str, Any]]:
    """Return the answers in the order of the questions, each as {label, type, value}.

    ``value`` is a text, a number, a datetime in the town's zone (without one), or a list of
    texts. An answer whose question is gone, or never was (imports), has an empty label.
    """
    shown = []
    questions = {question.code: question for question in category.questions}
    order = {code: place for place, code in enumerate(questions)}
    for code, value in sorted(answers.items(), key=lambda item: order.get(item[0], len(order))):
        question = questions.get(code)
        if question is None:
            shown.append({"label": "", "type": AnswerType.STRING.value, "value": str(value)})
            continue
        shown.append(
            {
                "label": question.label_in(locale),
                "type": question.answer_type.value,
                "value": _shown(question, value, locale),
            }
        )
    return shown


def stored_answers(category: Category, answers: dict[str, Any]) -> Given:
    """Return what the fields of the questions show of the answers that are stored."""
    given = {
        field_name(question): _texts(answers[question.code])
        for question in category.questions
        if question.code in answers
    }
    return lambda name: given.get(name, ())


def can_show(question: CategoryQuestion, value: Any) -> bool:
    """Whether the field of ``question`` can show ``value``: a choice may have gone since."""
    keys = {str(choice["key"]) for choice in question.choices}
    return not keys or keys.issuperset(_texts(value))


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def told_answers(category: Category, answers: dict[str, Any]) -> str:
    """Return the answers as the history keeps them: a line each, in French."""
    told = []
    for one in shown_answers(category, answers, "fr"):
        value = one["value"]
        text = ", ".join(value) if isinstance(value, list) else str(value)
        told.append(f"{one['label']} : {text}" if one["label"] else text)
    return "\n".join(told)


def choice_label(choice: dict[str, Any], locale: str) -> str:
    """Return the words of one choice in ``locale``, in French where there is no other."""
    french = str(choice.get("name") or choice["key"])
    return str(choice.get("name_en") or french) if locale == "en" else french


def _shown(question: CategoryQuestion, value: Any, locale: str) -> Any:
    labels = {str(choice["key"]): choice_label(choice, locale) for choice in question.choices}
    match question.answer_type:
        case AnswerType.SINGLEVALUELIST:
            return labels.get(str(value), str(value))
        case AnswerType.MULTIVALUELIST:
            keys = value if isinstance(value, list) else [value]
            return [labels.get(str(key), str(key)) for key in keys]
        case AnswerType.DATETIME:
            try:
                return datetime.fromisoformat(str(value))
            except ValueError:
                return str(value)
        case _:
            return value


def _string(_question: CategoryQuestion, texts: Sequence[str]) -> str:
    return _within(texts[0], STRING_LENGTH)


def _text(_question: CategoryQuestion, texts: Sequence[str]) -> str:
    return _within(texts[0], TEXT_LENGTH)


def _within(text: str, most: int) -> str:
    if len(text) > most:
        raise Invalid(N_("Cette réponse est trop longue : %(most)s caractères au plus."), most=most)
    return text


def _number(_question: CategoryQuestion, texts: Sequence[str]) -> int | float:
    plain = texts[0].replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        number = float(plain) if len(plain) <= 40 else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e15:
        raise Invalid(N_("Écrivez un nombre, par exemple 3 ou 2,5."))
    return int(number) if number.is_integer() else number


def _moment(_question: CategoryQuestion, texts: Sequence[str]) -> str:
    try:
        moment = datetime.fromisoformat(texts[0])
    except ValueError:
        raise Invalid(N_("Choisissez une date et une heure.")) from None
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _one_of(question: CategoryQuestion, texts: Sequence[str]) -> str:
    return _known(question, texts[:1])[0]


def _some_of(question: CategoryQuestion, texts: Sequence[str]) -> list[str]:
    return _known(question, list(dict.fromkeys(texts)))


def _known(question: CategoryQuestion, texts: Sequence[str]) -> list[str]:
    keys = {str(choice["key"]) for choice in question.choices}
    if not keys.issuperset(texts):
        raise Invalid(N_("Choisissez une réponse de la liste."))
    return list(texts)


_READERS: dict[AnswerType, Callable[[CategoryQuestion, Sequence[str]], Any]] = {
    AnswerType.STRING: _string,
    AnswerType.TEXT: _text,
    AnswerType.NUMBER: _number,
    AnswerType.DATETIME: _moment,
    AnswerType.SINGLEVALUELIST: _one_of,
    AnswerType.MULTIVALUELIST: _some_of,
}
_MISSING: dict[AnswerType, str] = {
    AnswerType.STRING: N_("Répondez à cette question."),
    AnswerType.TEXT: N_("Répondez à cette question."),
    AnswerType.NUMBER: N_("Répondez par un nombre."),
    AnswerType.DATETIME: N_("Choisissez une date et une heure."),
    AnswerType.SINGLEVALUELIST: N_("Choisissez une réponse."),
    AnswerType.MULTIVALUELIST: N_("Choisissez au moins une réponse."),
}
