"""In every feature the same thing is in a file of the same name.

What is in them says docs/architecture.md. A feature whose own nouns need modules lists them here.
"""

from pathlib import Path

import pytest

CIVIC = Path(__file__).parents[2] / "civic"
EVERYWHERE = frozenset(
    [
        "models",
        "operations",
        "policies",
        "queries",
        "forms",
        "views",
        "signals",
        "listeners",
        "schedule",
        "workflow",
        "indexing",
        "map_layer",
        "map_layers",
        "sections",
    ]
)
OWN = {
    "accounts": "actor devices entering intents networks overview paths proof security session "
    "signing tokens",
    "actions": "following linking pages undoing wishes",
    "administration": "icons labels logos public_views shown",
    "areas": "heat year",
    "attachments": "captions",
    "contributions": "clauses contact counters deadlines hotness kinds nearby personal_data "
    "projection screening_registry",
    "counting": "columns density recent snapshot",
    "desk": "filters search voices",
    "flags": "weights",
    "home": "before_after",
    "lists": "cards keyset layers narrowing near pages ranking relevance searches suggestions",
    "map": "cards config own_tiles picture shown singles tiles",
    "moderation": "clauses screening",
    "notifications": "account_listeners cases choices choosing delivery digests events fanout "
    "folder links mailbox mails matrix overview policy rendering staff standing transports",
    "open_data": "robots",
    "participation": "loading page private submission timeline undoing wishes",
    "places": "addresses areas communes drawn geocoding geometry hull outline_features projection "
    "reassigning reference_systems spoken streets",
    "similar": "likeness",
    "tasks": "queue worker",
    "taxonomy": "starter",
}
NOT_FEATURES = frozenset(
    [
        "cli",
        "database",
        "demo",
        "finding",
        "imports",
        "serving",
        "static",
        "storage",
        "templates",
        "text",
        "translations",
        "web",
    ]
)

pytestmark = pytest.mark.architecture


def modules_of(feature: Path) -> set[str]:
    found = {path.stem for path in feature.glob("*.py")}
    return found | {path.parent.name for path in feature.glob("*/__init__.py")} - {"__init__"}


def features() -> list[Path]:
    return [
        path.parent
        for path in sorted(CIVIC.glob("*/__init__.py"))
        if path.parent.name not in NOT_FEATURES
    ]


@pytest.mark.parametrize("feature", features(), ids=lambda path: path.name)
def test_a_feature_has_the_usual_files_and_its_own_nouns(feature: Path) -> None:
    own = set(OWN.get(feature.name, "").split())
    assert modules_of(feature) - {"__init__"} - EVERYWHERE - own == set()
    assert own <= modules_of(feature), "take what is no longer there out of the list"
