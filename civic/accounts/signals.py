"""What happens to accounts, told within the same transaction, to the features above."""

from blinker import Namespace

_signals = Namespace()

account_verified = _signals.signal("account-verified")
"""``account``: the person has just shown that the address is theirs."""

account_erased = _signals.signal("account-erased")
"""``account``: it is being erased; remove what the feature keeps about the person (sender: the
session). Counters must stay right."""

account_exported = _signals.signal("account-exported")
"""``account, data``: add to the dictionary ``data`` what the feature keeps about the person, under
a key of its own (sender: the session)."""
