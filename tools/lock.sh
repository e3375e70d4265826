#!/bin/sh
# Writes requirements/*.txt and package-lock.json anew. No lock names a registry.
# Versions that still fit stay; UPGRADE=1 takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."
for program in uv npm; do
    command -v "$program" >/dev/null || {
        echo "civic: make lock needs $program, which was not found." >&2
        exit 1
    }
done

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-strip-extras ${UPGRADE:+--upgrade} "$@"
}

compile pyproject.toml --output-file requirements/run.txt
compile pyproject.toml --extra test --constraint requirements/run.txt \
    --output-file requirements/test.txt
requires=$(mktemp)
trap 'rm -f "$requires"' EXIT
uv run --quiet --no-project python tools/build_requirements.py >"$requires"
compile "$requires" --constraint requirements/run.txt --output-file requirements/build.txt
compile tools/audit/requirements.in --output-file requirements/audit.txt
if [ -n "${UPGRADE:-}" ]; then npm update --package-lock-only; else npm install --package-lock-only; fi
uv run --quiet --no-project python tools/strip_lock.py package-lock.json
