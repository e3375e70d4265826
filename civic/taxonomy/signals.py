"""What happens to departments, told within the same transaction; the sender is the session."""

from blinker import Namespace

_signals = Namespace()

mailbox_chosen = _signals.signal("mailbox-chosen")
"""``department, actor, before, after``: its mailbox receives other mails from now on; both map
``mail_`` and a group of news to a rhythm. ``actor`` has no account where a mail's link did it."""
