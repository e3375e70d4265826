"""The second tier of tests: what takes too long for each change. ``make audit`` runs it.

Each part is a command with the programs it needs and the minutes it may take. What was done is
remembered by commit in .audit/, so that a run that was stopped goes on where it was; docs/audit.md
is written anew after each part. A part that cannot run says which program is missing.

    python tools/audit/run.py [--again] [PART …]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tools" / "audit"
KEPT = ROOT / ".audit"
STATE = KEPT / "state.json"
PAGE = ROOT / "docs" / "audit.md"
PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest", "-q", "-n", "2")
PROXIES = "tests/integration/test_behind_proxies.py"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Part:
    """One line of the audit; ``needs`` are programs, any of those of a tuple will do."""

    name: str
    what: str
    command: Sequence[str]
    minutes: int
    needs: tuple[str | tuple[str, ...], ...] = ()
    is_report: bool = False

    def missing(self) -> list[str]:
        """Return the programs that are not there."""
        wanted = [(one,) if isinstance(one, str) else one for one in self.needs]
        return [" or ".join(names) for names in wanted if not any(map(shutil.which, names))]


PARTS = (
    Part(
        "axe",
        "axe on every page and state, by day and by night, at 1280 and 360 px",
        (*PYTEST, "-m", "audit or not audit", "tests/e2e/test_accessibility.py"),
        40,
        (CHROMIUM,),
    ),
    Part(
        "html",
        "the Nu Html Checker on every page of every role",
        (*PYTEST, "-m", "audit", "tests/e2e/test_markup.py"),
        15,
        ("java", "npm", CHROMIUM),
    ),
    Part(
        "faults",
        "slow clients, kills and what else is marked `audit` in tests/integration",
        (*PYTEST, "-m", "audit", "tests/integration", "tests/unit", f"--ignore={PROXIES}"),
        45,
    ),
    Part(
        "proxies",
        "slow clients behind nginx and Caddy, set up as docs/operate.md says",
        (*PYTEST, "-m", "audit", PROXIES),
        15,
        ("nginx", "caddy"),
    ),
    Part(
        "power",
        "every answer to a write comes after its fsync",
        (*PYTEST, "-m", "audit", "tests/integration/test_power_loss.py"),
        5,
        ("strace",),
    ),
    Part(
        "fuzzing",
        "the property tests with twenty times as many examples",
        (*PYTEST, "--hypothesis-profile=audit", "-m", "hypothesis", "tests"),
        30,
    ),
    Part(
        "lighthouse",
        "Lighthouse on the demo town, the median of five, as a telephone; reported only",
        (PYTHON, str(HERE / "lighthouse.py")),
        25,
        ("npm", "node", CHROMIUM),
        is_report=True,
    ),
    Part(
        "mutants",
        "mutants of workflow, policies, counters, deadlines and access; 85 % are to be killed",
        ("make", "-s", "mutants"),
        60,
        is_report=True,
    ),
)


def main() -> int:
    """Run the parts that were asked for; 1 where one of them failed."""
    asked = argparse.ArgumentParser(description="The second tier of tests.")
    asked.add_argument("--again", action="store_true", help="also what was done at this commit")
    asked.add_argument("parts", nargs="*", metavar="PART", help=", ".join(p.name for p in PARTS))
    options = asked.parse_args()
    known = {part.name for part in PARTS}
    if unknown := set(options.parts) - known:
        asked.error(f"no such part: {', '.join(sorted(unknown))}")
    KEPT.mkdir(exist_ok=True)
    state = json.loads(STATE.read_text("utf-8")) if STATE.exists() else {}
    commit = current_commit()
    failed = False
    for part in PARTS:
        if options.parts and part.name not in options.parts:
            continue
        done = state.get(part.name, {})
        if done.get("commit") == commit and done.get("is_done") and not options.again:
            print(f"audit: {part.name}: done at {commit} already: {done['result']}")
        else:
            done = state[part.name] = run(part, commit)
            STATE.write_text(json.dumps(state, indent=2), "utf-8")
            PAGE.write_text(page(state), "utf-8")
            print(f"audit: {part.name}: {done['result']}")
        failed |= done["result"].startswith("failed")
    return int(failed)


def run(part: Part, commit: str) -> dict[str, object]:
    """Run one part, and return what became of it."""
    began = time.monotonic()
    is_done, figures = True, ""
    if missing := part.missing():
        is_done, result = False, f"could not run: {', '.join(missing)} is missing"
    else:
        print(f"audit: {part.name}: {part.what} (at most {part.minutes} minutes)", flush=True)
        log = KEPT / f"{part.name}.log"
        try:
            with log.open("wb") as out:
                code = subprocess.run(
                    part.command,
                    cwd=ROOT,
                    env=os.environ | {"CIVIC_TEST_VNU": vnu(part)},
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    timeout=part.minutes * 60,
                    check=False,
                ).returncode
            result = "passed" if code == 0 else "failed" if not part.is_report else "ended early"
        except subprocess.TimeoutExpired:
            is_done, result = False, f"stopped after {part.minutes} minutes"
        figures = last_words(log)
    return {
        "commit": commit,
        "at": f"{datetime.now(UTC):%Y-%m-%d}",
        "is_done": is_done,
        "result": result,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "figures": figures,
    }


def vnu(part: Part) -> str:
    """Return the path of the Nu Html Checker, installed for the part that needs it."""
    if part.name != "html":
        return ""
    install_npm_packages()
    return str(KEPT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar")


def install_npm_packages() -> None:
    """Install what tools/audit/package-lock.json records in .audit/."""
    lock = HERE / "package-lock.json"
    stamp = KEPT / "package-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    KEPT.mkdir(exist_ok=True)
    for path in (HERE / "package.json", ROOT / ".npmrc"):
        shutil.copy(path, KEPT / path.name)
    shutil.copy(lock, stamp)
    try:
        subprocess.run(["npm", "ci", "--silent"], cwd=KEPT, check=True)
    except BaseException:
        stamp.unlink()
        raise


def last_words(log: Path) -> str:
    """Return what a part has to say: what follows « figures: » in its lines, or its last line."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    said = [line.partition("figures: ")[2] for line in lines if "figures: " in line]
    said = [line for line in dict.fromkeys(said) if "{" not in line and not line.endswith("...")]
    return "; ".join(said) or next((line for line in reversed(lines) if line.strip()), "")


def current_commit() -> str:
    """Return the short id of the commit; with a plus where files differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()

    # The report itself may differ.
    changed = git("status", "--porcelain", "--", ".", ":!docs/audit.md")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def page(state: dict[str, dict[str, object]]) -> str:
    """Return docs/audit.md."""

    def rows() -> Iterator[str]:
        for part in PARTS:
            done = state.get(part.name)
            if done is None:
                yield f"| {part.name} | {part.what} | not run yet | | | |"
                continue
            figures = str(done["figures"]).replace("|", "/").strip("= ")
            result = f"{done['result']}. {figures}" if figures else str(done["result"])
            yield (
                f"| {part.name} | {part.what} | {result} | {done['at']} | {done['commit']} "
                f"| {done['minutes']} |"
            )

    return "\n".join(
        [
            "# Audit",
            "",
            "What takes too long for each change, run by `make audit` (at most three hours on two",
            "cores; a run that was stopped goes on where it was). This page is written by it: the",
            "last result of each part, with the commit that it is about. A commit with a plus had",
            "changes beside it.",
            "",
            "| part | what is looked at | result | when | commit | minutes |",
            "|---|---|---|---|---|---|",
            *rows(),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
