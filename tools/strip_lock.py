"""Takes the donation links out of a package-lock.json: the lock then names no host at all."""

import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
lock = json.loads(path.read_text(encoding="utf-8"))
for entry in lock["packages"].values():
    entry.pop("funding", None)
    if "resolved" in entry:
        raise SystemExit(f"{path}: {entry['resolved']} is recorded; .npmrc should prevent that")
path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
