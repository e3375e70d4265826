"""The kernel: what every kind of contribution has, and how it moves from status to status.

It imports no capability (votes, comments, …) and no kind: they point at it.
"""
