#!/bin/sh
# Makes or updates the environment .venv/ from the locks: tools/install.sh run|test
#
# uv is used where it is found, pip otherwise. Whatever goes wrong is said in a sentence.
# PYTHON names the interpreter to use; without it, the newest suitable one on PATH is taken.
set -u
cd "$(dirname "$0")/.." || exit 1
lock="requirements/${1:-run}.txt"
venv=.venv
needed_mib=1000
[ "${1:-run}" = test ] && needed_mib=1500
log=""

unset PYTHONHOME PYTHONPATH

fail() {
    printf 'civic: %s\n' "$*" >&2
    exit 1
}

free_mib() {
    df -Pk . 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }'
}

is_full() {
    [ "$(free_mib)" -lt 20 ] || grep -qs 'No space left on device' "$log"
}

# Says what is wrong when a step failed: the disk, or what the step itself said.
failed() {
    if is_full; then
        fail "the disk is full. Free about ${needed_mib} MiB where $(pwd) is, then run make again."
    fi
    if grep -qs 'civic: ' "$log"; then
        grep -E 'civic: |npm error' "$log" >&2
    elif [ -s "$log" ]; then
        tail -n 20 "$log" >&2
    fi
    fail "$* (see above). Run make again when that is put right."
}

# Runs a step quietly; what it said is shown only if it fails.
quietly() {
    log="$venv/install.log"
    LC_ALL=C.UTF-8 "$@" >"$log" 2>&1
}

is_suitable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3 python}; do
        if is_suitable "$name"; then
            command -v "$name"
            return
        fi
    done
    found=${PYTHON:-python3}
    if version=$("$found" -c 'import platform; print(platform.python_version())' 2>/dev/null); then
        fail "Python 3.11 or newer is needed, and $found is Python $version. Install a newer" \
            "Python, or name one: make run PYTHON=/path/to/python3.12"
    fi
    [ -n "${PYTHON:-}" ] && fail "$PYTHON, named by PYTHON, is no Python that could be started."
    fail "Python 3.11 or newer is needed, and none was found. Install it (Debian, Ubuntu:" \
        "apt install python3 python3-venv), then run make again."
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

make_environment() {
    python=$(find_python) || exit 1
    available=$(free_mib)
    if [ -n "$available" ] && [ "$available" -lt "$needed_mib" ]; then
        fail "the disk is nearly full: $available MiB are free where $(pwd) is, and the" \
            "environment needs about $needed_mib MiB. Free some space, then run make again."
    fi
    rm -rf "$venv"
    printf 'civic: making the environment .venv/ with %s; the first time takes a minute or two.\n' \
        "$("$python" --version 2>&1)"
    mkdir -p "$venv" || fail "the folder $(pwd)/$venv cannot be made: is the disk full, or the folder read-only?"
    if command -v uv >/dev/null 2>&1 &&
        uv venv --quiet --allow-existing --python "$python" "$venv" >/dev/null 2>&1; then
        return
    fi
    has_venv "$python" || {
        rm -rf "$venv"
        fail "$python cannot make environments: its venv module is missing or incomplete. On" \
            "Debian and Ubuntu: apt install python3-venv (or python3.X-venv for that version)." \
            "Installing uv also helps."
    }
    quietly "$python" -m venv "$venv" || failed "the environment could not be made"
}

# install_locked LOCK [--target FOLDER]: with uv, or with pip where there is no uv or it cannot.
install_locked() {
    lock_file=$1
    shift
    if command -v uv >/dev/null 2>&1 && quietly uv pip install --python "$venv/bin/python" \
        --require-hashes -r "$lock_file" "$@"; then
        return
    fi
    is_full && failed
    ensure_pip
    quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r "$lock_file" "$@"
}

ensure_pip() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
        quietly "$venv/bin/python" -m ensurepip ||
        failed "pip could not be put into the environment"
}

# The build requirements have a folder of their own: they are locked too, and no part of civic.
install_project() {
    build="$venv/build"
    if ! cmp -s requirements/build.txt "$build.lock"; then
        rm -rf "$build"
        install_locked requirements/build.txt --target "$build" ||
            failed "what builds civic could not be installed"
        cp requirements/build.txt "$build.lock" || failed "the environment cannot be written"
    fi
    if command -v uv >/dev/null 2>&1 && quietly env "PYTHONPATH=$build" uv pip install \
        --python "$venv/bin/python" --no-build-isolation --no-deps --reinstall-package civic -e .; then
        return
    fi
    is_full && failed
    ensure_pip
    quietly env "PYTHONPATH=$build" "$venv/bin/python" -m pip install --quiet \
        --disable-pip-version-check --no-input --no-build-isolation --no-deps -e . ||
        failed "civic could not be installed"
}

# A checkout that was moved, or whose Python is gone, gets a new environment.
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/home" 2>/dev/null)" != "$(pwd)" ]; then
    make_environment
    pwd >"$venv/home" || fail "the folder $(pwd)/$venv cannot be written: is the disk full?"
fi
install_locked "$lock" || failed "the packages of $lock could not be installed"
install_project
: >"$venv/stamp-run" || failed "the environment cannot be written"
if [ "${1:-run}" = test ]; then
    : >"$venv/stamp-test"
fi
rm -f "$venv/install.log"
printf 'civic: the environment is ready.\n'
