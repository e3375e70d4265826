"""The words of the corpus, for typing errors. The index itself is civic.database.fulltext's."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from civic.database import Base


class SearchWord(Base):
    """A word that occurs in something public."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(String(40), primary_key=True)


class SearchWordVariant(Base):
    """A long word with one letter left out leads to the words it may have been."""

    __tablename__ = "search_word_variant"

    variant: Mapped[str] = mapped_column(String(40), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
