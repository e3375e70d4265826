"""Mutation tests: rules are changed at random, and a test has to notice. ``make mutants``.

cosmic-ray, in an environment of its own, works on a copy of the last commit. From each module so
many mutants are drawn (always the same ones for the same code), until the time is over. Prints for
each module how many were killed, and which survived.

    python tools/audit/mutants.py [MODULE …]    MUTANTS=12 a module, MINUTES=60 in all
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from run import KEPT, ROOT

HERE = Path(__file__).parent
MUTANTS = int(os.environ.get("MUTANTS", "12"))
MINUTES = int(os.environ.get("MINUTES", "60"))
SLOWEST_S = 120
CONTRIBUTIONS = "tests/integration/test_contributions.py"
ACCESS = "tests/integration/test_access.py"
TARGETS = {
    "civic/contributions/workflow.py": f"tests/unit {CONTRIBUTIONS}",
    "civic/contributions/policies.py": f"tests/unit {CONTRIBUTIONS} {ACCESS}",
    "civic/contributions/counters.py": f"{CONTRIBUTIONS} tests/integration/test_votes.py",
    "civic/contributions/deadlines.py": f"tests/unit/calendar {CONTRIBUTIONS} "
    "tests/integration/test_clocks.py",
    "civic/incidents/workflow.py": f"tests/unit {CONTRIBUTIONS} tests/integration/test_clocks.py",
    "civic/ideas/workflow.py": f"tests/unit {CONTRIBUTIONS} tests/integration/test_clocks.py",
    "civic/actions/workflow.py": "tests/unit/test_actions_workflow.py "
    "tests/integration/test_actions.py",
    "civic/actions/policies.py": f"tests/integration/test_actions.py {ACCESS}",
    "civic/accounts/policies.py": f"tests/integration/test_accounts.py {ACCESS}",
    "civic/comments/policies.py": "tests/integration/test_comments.py",
    "civic/desk/policies.py": "tests/unit/desk tests/integration/desk",
    "civic/moderation/policies.py": "tests/unit/moderation tests/integration/moderation",
    "civic/votes/policies.py": "tests/integration/test_votes.py",
    "civic/web/access.py": f"tests/unit/web {ACCESS}",
}
CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -q -x -n 0 -p no:cacheprovider -k 'not postgresql' {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def main() -> None:
    """Go through the modules, and say what came of it."""
    asked = sys.argv[1:] or list(TARGETS)
    if unknown := set(asked) - TARGETS.keys():
        raise SystemExit(f"mutants: not one of {', '.join(TARGETS)}: {', '.join(sorted(unknown))}")
    cosmic_ray = installed()
    end = time.monotonic() + 60 * MINUTES
    killed = tried = 0
    with copy() as tree:
        for module in asked:
            left = end - time.monotonic()
            if left < SLOWEST_S:
                print(f"figures: {module} not tried: the time was over", flush=True)
                continue
            outcomes = outcomes_of(cosmic_ray, tree, module, left)
            survivors = [where for where, outcome in outcomes if outcome != "KILLED"]
            killed += len(outcomes) - len(survivors)
            tried += len(outcomes)
            said = f"{len(outcomes) - len(survivors)}/{len(outcomes)}"
            print(f"figures: {module} {said}", flush=True)
            for where in survivors:
                print(f"survived: {module}:{where}", flush=True)
    share = 100 * killed / tried if tried else 0
    print(f"figures: killed {killed} of {tried} ({share:.0f} %)")


def installed() -> Path:
    """Return the program, installed from requirements/audit.txt where it is not there yet."""
    lock, venv = ROOT / "requirements" / "audit.txt", KEPT / "venv"
    stamp = venv / "lock.txt"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        shutil.copy(lock, stamp)
    return venv / "bin" / "cosmic-ray"


class copy:  # noqa: N801 (used as a block)
    """A copy of the last commit, which may be changed; gone afterwards."""

    def __enter__(self) -> Path:
        self.tree = KEPT / "tree"
        shutil.rmtree(self.tree, ignore_errors=True)
        clone = ["git", "clone", "--quiet", "--no-local", "--depth=1", f"file://{ROOT}"]
        subprocess.run([*clone, str(self.tree)], check=True)
        for catalogue in ROOT.glob("civic/translations/*/LC_MESSAGES/*.mo"):
            shutil.copy(catalogue, self.tree / catalogue.relative_to(ROOT))
        return self.tree

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self.tree, ignore_errors=True)


def outcomes_of(cosmic_ray: Path, tree: Path, module: str, seconds: float) -> list[tuple[str, str]]:
    """Return (where and how, outcome) of the mutants that were tried."""
    name = module.replace("/", "-")
    config, session = KEPT / f"{name}.toml", KEPT / f"{name}.sqlite"
    config.write_text(
        CONFIG.format(
            module=module, timeout=SLOWEST_S, python=sys.executable, tests=TARGETS[module]
        ),
        "utf-8",
    )
    session.unlink(missing_ok=True)
    where, quiet = [str(config), str(session)], subprocess.DEVNULL
    subprocess.run([cosmic_ray, "init", *where], cwd=tree, check=True, stdout=quiet)
    draw(session)
    try:
        subprocess.run(
            [cosmic_ray, "exec", *where], cwd=tree, check=True, stdout=quiet, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        subprocess.run(["git", "checkout", "--quiet", "."], cwd=tree, check=True)
    return list(read(session))


def draw(session: Path) -> None:
    """Leave only some of the mutants in the session, chosen by a seed that stays."""
    with sqlite3.connect(session) as db:
        order = "SELECT job_id FROM mutation_specs ORDER BY module_path, start_pos_row, "
        order += "start_pos_col, operator_name, occurrence"
        jobs = [job for (job,) in db.execute(order)]
        random.Random(7).shuffle(jobs)  # noqa: S311 (no secret)
        for job in jobs[MUTANTS:]:
            db.execute("DELETE FROM mutation_specs WHERE job_id = ?", (job,))
            db.execute("DELETE FROM work_items WHERE job_id = ?", (job,))


def read(session: Path) -> Iterator[tuple[str, str]]:
    """Yield what became of each mutant."""
    query = (
        "SELECT start_pos_row, operator_name, test_outcome FROM work_results "
        "JOIN mutation_specs USING (job_id) WHERE worker_outcome = 'NORMAL' ORDER BY 1, 2"
    )
    with sqlite3.connect(session) as db:
        for row, operator, outcome in db.execute(query):
            yield f"{row} {operator.removeprefix('core/')}", str(outcome)


if __name__ == "__main__":
    main()
