"""What happens to contributions, told within the same transaction.

Every receiver gets ``session`` as the sender and writes rows only; a worker delivers them later.
"""

from blinker import Namespace

_signals = Namespace()

contribution_submitted = _signals.signal("contribution-submitted")
"""``contribution, actor, holds``: it was stored, held or published. ``holds`` says why it is held
(civic.contributions.screening_registry), for whoever keeps that; empty when nothing holds it."""

photos_attached = _signals.signal("photos-attached")
"""``contribution, status_change_id, actor``: a person has added photos to it, or (a step is named)
to their contest of its closing."""

contribution_published = _signals.signal("contribution-published")
"""``contribution, actor``: the public may see it from now on."""

photo_removed = _signals.signal("photo-removed")
"""``contribution``: a photo was taken out of it, for good."""

contribution_hidden = _signals.signal("contribution-hidden")
"""``contribution, actor``: the public may not see it any more."""

contribution_edited = _signals.signal("contribution-edited")
"""``contribution, actor, fields``: its author or the town changed some of it."""

department_changed = _signals.signal("department-changed")
"""``contribution, actor, why``: another department of the town has it now."""

assigned = _signals.signal("assigned")
"""``contribution, actor``: somebody does it from now on, ``contribution.assigned_to``."""

status_changed = _signals.signal("status-changed")
"""``contribution, change, announce``: one step of its workflow; ``announce`` is false when the
cause (an action) tells the people itself, once for all its contributions."""

author_wrote = _signals.signal("author-wrote")
"""``contribution, actor, body``: its author has answered the town in private."""

step_undone = _signals.signal("step-undone")
"""``contribution, change``: ``change`` was taken back by who took it."""

news_taken_back = _signals.signal("news-taken-back")
"""``event_keys, contribution``: nobody is to hear of these pieces of news any more: what caused
them was undone. ``contribution`` is the one they were told with (people_to_tell), or None."""

contribution_redacted = _signals.signal("contribution-redacted")
"""``contribution, actor, removed``: personal data was removed; derived copies must follow, and what
else is written about it loses the words ``removed`` (civic.text.masking)."""

acknowledgement_due = _signals.signal("acknowledgement-due")
"""``contribution, follow_token``: a person handed it in and is owed an acknowledgement
(CRPA L112-11). ``follow_token`` is the clear token of the private follow-up link, or ``""``.
Sent by the operations that take something from a person, never by an import."""

comment_published = _signals.signal("comment-published")
"""``contribution, comment_id, body, author_id, parent_author_id, department_id``: the public may
read a comment from now on (ids may be None)."""

people_to_tell = _signals.signal("people-to-tell")
"""``event, event_key, account_ids, contribution, data``: neighbours of civic.notifications have
something to tell. ``account_ids=None`` means the author, voters and followers of ``contribution``,
or of all ``contributions`` when that list is given instead: each person once. ``event_key`` names
this piece of news: the same key never reaches the same person twice. ``waits=True``: it can be
undone for policies.UNDO_WINDOW, and its mails leave after that only."""

vote_cast = _signals.signal("vote-cast")
"""``contribution, actor``: one more person supports it."""

vote_withdrawn = _signals.signal("vote-withdrawn")
"""``contribution, actor``: a person took their support back."""

comment_submitted = _signals.signal("comment-submitted")
"""``contribution, comment, actor, holds``: it was stored; published when ``holds`` is empty."""

comment_hidden = _signals.signal("comment-hidden")
"""``contribution, comment_id``: the public may not read it any more."""

held_for_review = _signals.signal("held-for-review")
"""``contribution_id, comment_id, reason, actor``: it, or one of its comments, waits for a moderator
(``reason`` is a msgid)."""

flag_raised = _signals.signal("flag-raised")
"""``contribution, flag, actor``: somebody asks the moderators to look."""

flag_resolved = _signals.signal("flag-resolved")
"""``contribution, flag, actor``: a moderator has looked; ``flag.outcome`` says what came of it."""

appeal_submitted = _signals.signal("appeal-submitted")
"""``contribution, decider_id, actor, data``: somebody contests a decision; ``contribution`` is None
where it is about an account. ``data`` says which decision it is, and what the person says."""
