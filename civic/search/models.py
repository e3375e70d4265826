"""The words of the corpus, for beginnings and typing errors. The index is civic.database.fulltext.

A word goes when no public text holds its stem any more.
"""

from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base, plain_string


class SearchWord(Base):
    """A folded word, or the stem of one, that occurs in something public."""

    __tablename__ = "search_word"
    is_shown = False

    word: Mapped[str] = mapped_column(plain_string(40), primary_key=True)


class SearchWordVariant(Base):
    """A long word with one letter left out leads to the words it may have been."""

    __tablename__ = "search_word_variant"
    is_shown = False

    variant: Mapped[str] = mapped_column(plain_string(40), primary_key=True)
    word: Mapped[str] = mapped_column(plain_string(40), primary_key=True)
