"""What happens to contributions, told within the same transaction.

Every receiver gets ``session`` as the sender and writes rows only; a worker delivers them later.
"""

from blinker import Namespace

_signals = Namespace()

contribution_submitted = _signals.signal("contribution-submitted")
"""``contribution, actor``: it was stored (held or published)."""

contribution_published = _signals.signal("contribution-published")
"""``contribution, actor``: the public may see it from now on."""

contribution_hidden = _signals.signal("contribution-hidden")
"""``contribution, actor``: the public may not see it any more."""

contribution_edited = _signals.signal("contribution-edited")
"""``contribution, actor, fields``: its author or the town changed some of it."""

status_changed = _signals.signal("status-changed")
"""``contribution, change, announce``: one step of its workflow; ``announce`` is false when the
cause (an action) tells the people itself, once for all its contributions."""

contribution_redacted = _signals.signal("contribution-redacted")
"""``contribution, actor``: personal data was removed; derived copies must follow."""
