"""Prints what a build needs, also an editable one: the input of requirements/build.txt."""

import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
for requirement in project["build-system"]["requires"]:
    print(requirement)
print("editables>=0.5")  # hatchling asks for it when it builds an editable install
