"""Departments, categories and the extra questions a category asks."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.database import Base, text_enum
from civic.database.base import BigId


class Department(Base):
    """A municipal service in charge, with what CRPA R112-11-1 wants in an acknowledgement.

    ``version`` grows with each change in the settings, so that none overwrites another unseen; so
    it does for categories, areas and the town.
    """

    __tablename__ = "department"
    is_named = True

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    postal_address: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    def name_in(self, locale: str) -> str:
        """Return the name in ``locale``, in French where there is no other."""
        return (self.name_en or self.name) if locale == "en" else self.name


class PublicationPolicy(StrEnum):
    """When a contribution of a category becomes public."""

    AFTER = "after"
    RISK = "risk"
    BEFORE = "before"


class Category(Base):
    """What a contribution is about.

    ``kinds`` lists the kinds that may use it. ``radius_m`` (metres) is how far apart two reports
    of the same thing can be. Days are working days of the French calendar when
    ``counts_working_days``, calendar days otherwise.
    """

    __tablename__ = "category"
    is_named = True
    __table_args__ = (
        CheckConstraint("radius_m > 0", name="radius_is_positive"),
        CheckConstraint(
            "days_to_acknowledge > 0 AND days_to_resolve > 0", name="days_are_positive"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    description: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    group: Mapped[str] = mapped_column(String(120), default="")
    icon: Mapped[str] = mapped_column(String(60), default="tag")
    colour: Mapped[str] = mapped_column(String(7), default="#3b6e8f")
    kinds: Mapped[list[str]]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    policy: Mapped[PublicationPolicy] = mapped_column(
        text_enum(PublicationPolicy), default=PublicationPolicy.RISK
    )
    allows_anonymous: Mapped[bool] = mapped_column(default=True)
    radius_m: Mapped[int] = mapped_column(default=50)
    days_to_acknowledge: Mapped[int] = mapped_column(default=2)
    days_to_resolve: Mapped[int] = mapped_column(default=15)
    counts_working_days: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    department: Mapped[Department | None] = relationship(lazy="joined")
    questions: Mapped[list["CategoryQuestion"]] = relationship(
        back_populates="category",
        cascade="all, delete-orphan",
        order_by="CategoryQuestion.position",
    )

    def name_in(self, locale: str) -> str:
        """Return the name in ``locale``, in French where there is no other."""
        return (self.name_en or self.name) if locale == "en" else self.name


class AnswerType(StrEnum):
    """The kinds of answer, in the words of Open311 GeoReport v2."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    SINGLEVALUELIST = "singlevaluelist"
    MULTIVALUELIST = "multivaluelist"


class CategoryQuestion(Base):
    """An extra question of a category. ``choices`` is a list of {key, name, name_en}."""

    __tablename__ = "category_question"
    __table_args__ = (
        UniqueConstraint("category_id", "code", name="uq_category_question_category_id_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(200))
    label_en: Mapped[str] = mapped_column(String(200), default="")
    help: Mapped[str] = mapped_column(default="")
    help_en: Mapped[str] = mapped_column(default="")
    answer_type: Mapped[AnswerType] = mapped_column(text_enum(AnswerType))
    is_required: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)

    category: Mapped[Category] = relationship(back_populates="questions")

    def label_in(self, locale: str) -> str:
        """Return the question in ``locale``, in French where there is no other."""
        return (self.label_en or self.label) if locale == "en" else self.label
