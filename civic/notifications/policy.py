"""How the headers of a mail are written out."""

from email.policy import EmailPolicy
from typing import Any, Final


class MailPolicy(EmailPolicy):
    """Python's own, which would spell a long address in a header in a way that nobody undoes.

    An identity or an address without a space that is longer than a line becomes an encoded word
    there, and mail programs look for neither in one. A line may have 998 characters.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return one header, the addresses of pages and the identities as they are."""
        if name.lower() in _AS_THEY_ARE:
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return one header as bytes."""
        if name.lower() in _AS_THEY_ARE:
            return self.fold(name, value).encode("ascii", "surrogateescape")
        folded: bytes = super().fold_binary(name, value)
        return folded


_AS_THEY_ARE: Final = frozenset({"list-unsubscribe", "list-id", "references", "in-reply-to"})
POLICY: Final = MailPolicy()
