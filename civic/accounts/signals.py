"""What happens to accounts, told within the same transaction, to the features above.

Every receiver gets ``session`` as the sender and writes rows only.
"""

from blinker import Namespace

_signals = Namespace()

sign_in_requested = _signals.signal("sign-in-requested")
"""``email, locale, token, code, minutes``: somebody wants to sign in with this address. The secrets
go into the mail and nowhere else."""

proof_requested = _signals.signal("proof-requested")
"""``account, code, minutes``: the code shows, in one session, that the account is theirs."""

password_guessed = _signals.signal("password-guessed")
"""``account, failures``: somebody tries one password after the other."""

new_device_used = _signals.signal("new-device-used")
"""``account, opened``: somebody has signed in from a device that had never signed in before."""

email_change_requested = _signals.signal("email-change-requested")
"""``account, email, token, stop``: ``email`` becomes the account's address once the link of
``token`` is used. The address of now hears at once, with the link of ``stop``."""

email_changed = _signals.signal("email-changed")
"""``account, before``: the address ``before`` is not the account's any more."""

inactivity_found = _signals.signal("inactivity-found")
"""``account, erase_at``: the account is erased at ``erase_at`` unless the person signs in."""

name_chosen = _signals.signal("name-chosen")
"""``name``: somebody wants to be called so in public. A receiver raises Invalid to refuse it."""

account_verified = _signals.signal("account-verified")
"""``account``: the person has just shown that the address is theirs."""

account_erased = _signals.signal("account-erased")
"""``account``: it is being erased; remove what the feature keeps about the person (sender: the
session). Counters must stay right. ``account.email`` is still there."""

account_exported = _signals.signal("account-exported")
"""``account, data``: add to the dictionary ``data`` what the feature keeps about the person, under
a key of its own (sender: the session). JSON values only."""
