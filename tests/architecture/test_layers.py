"""The architecture is a test: the import contracts of pyproject.toml are kept."""

from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]


@pytest.mark.architecture
def test_the_import_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), is_debug_mode=False)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_there_are_contracts_to_keep() -> None:
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    assert {contract["type"] for contract in contracts} == {"layers", "forbidden"}
