"""Changing the settings: each change is checked against others' changes, and recorded."""
