"""The forms that residents fill, what follows them, and what their authors may do."""
