"""What can be done with a text without knowing what it is about: folding, stems, Markdown, slugs.

The bottom layer: nothing here knows the database, the web or any word of the domain.
"""
