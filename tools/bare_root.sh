#!/usr/bin/env bash
# Proves `make run` and `make test` on a bare Debian: tools/bare_root.sh SUITE [root|plain]
#
# Makes a minimal tree of SUITE (bookworm, trixie …) with debootstrap and nothing in it but
# python3, python3-venv, make, git and certificates: no uv, no caches. There it clones the
# last commit, starts the demo town until /readyz answers, and runs a short selection of the
# tests (BARE_TESTS="…" chooses another). With `plain` all this is done by a user without
# rights, in a folder whose path has a space. Package sources and pip's and npm's settings are
# taken from this machine while it runs; none is written here.
#
# Ends with 0 when proven, 1 when something failed, 3 when it could not be tried; both are said.
set -euo pipefail
suite=${1:?usage: tools/bare_root.sh SUITE [root|plain]}
who=${2:-root}
repository=$(cd "$(dirname "$0")/.." && pwd)
tests=${BARE_TESTS:-tests/unit/packaging tests/unit/test_settings.py tests/integration/test_votes.py -q}

say() { printf 'civic: bare %s (%s): %s\n' "$suite" "$who" "$*"; }
cannot() {
    say "NOT RUN: $*" >&2
    exit 3
}

[ "$(id -u)" = 0 ] || cannot "it needs root, for debootstrap and chroot"
for program in debootstrap chroot unshare git; do
    command -v "$program" >/dev/null 2>&1 || cannot "the program $program is missing"
done
[ -e "/usr/share/debootstrap/scripts/$suite" ] || cannot "debootstrap does not know $suite"
unshare --mount --pid --fork true 2>/dev/null || cannot "this machine lets no program unshare"

# Where this machine has its Debian packages from; without an answer debootstrap knows one.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        2>/dev/null | grep -oE '^(deb|URIs:).*' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/civic-bare.XXXXXX")
tree=$folder/root
trap 'rm -rf --one-file-system "$folder"' EXIT
began=$SECONDS

# shellcheck disable=SC2046 # no mirror is no word
if ! debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,make,git \
    "$suite" "$tree" $(mirror) >"$folder/log" 2>&1; then
    if grep -q 'Failed getting release file\|Invalid Release file, no entry' "$folder/log"; then
        cannot "the mirror of this machine has no $suite"
    fi
    tail -n 20 "$folder/log" >&2
    say "FAILED: the tree could not be made (see above)" >&2
    exit 1
fi
say "the tree is made ($((SECONDS - began)) s)"

# The way out of this machine: names, certificates, where packages come from.
home=/root
if [ "$who" = plain ]; then
    home=/home/ada
    chroot "$tree" useradd --create-home --shell /bin/bash ada
fi
carry() { # carry FILE TARGET: nothing where there is no such file
    [ ! -f "$1" ] || install -D -m 644 "$(readlink -f "$1")" "$tree$2"
}
carry /etc/resolv.conf /etc/resolv.conf
carry /etc/hosts /etc/hosts
carry /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
carry /etc/pip.conf /etc/pip.conf
carry ~/.pip/pip.conf "$home/.pip/pip.conf"
carry ~/.config/pip/pip.conf "$home/.config/pip/pip.conf"
# Folders of this machine are not there.
find "$tree/etc/pip.conf" "$tree$home" -name pip.conf \
    -exec sed -i -E '/^[[:space:]]*find-links/d; s#file://[^ ]+##g' {} + 2>/dev/null || true
carry ~/.npmrc "$home/.npmrc"
way_out=()
while IFS= read -r -d '' variable; do
    way_out+=("$variable")
done < <(env -0 | grep -zE '^((https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_((EXTRA_)?INDEX_URL|TRUSTED_HOST|CERT|PROXY|DEFAULT_TIMEOUT)|npm_config_(registry|cafile|(https_)?proxy))=' -i || true)

checkout=/srv/civic
[ "$who" = root ] || checkout="$home/ma ville/civic"
mkdir -p "$tree$checkout"
git clone --quiet --no-local --depth 1 "file://$repository" "$tree$checkout"
[ "$who" = root ] || chroot "$tree" chown -R ada:ada "$home"

cat >"$tree/prove.sh" <<'PROVE'
set -euo pipefail
cd "$1"
tests=$2
! command -v uv pip npm node >/dev/null || { echo "the tree is not bare" >&2; exit 1; }
read -r port < <(python3 -c 'import socket as s; x = s.create_server(("127.0.0.1", 0)); print(x.getsockname()[1])')
began=$SECONDS
CIVIC_PORT=$port CIVIC_TILES=none setsid make run >"$HOME/run.log" 2>&1 &
town=$!
python3 - "$port" "$town" <<'POLL' || { tail -n 30 "$HOME/run.log" >&2; exit 1; }
import os, sys, time, urllib.request
port, town = sys.argv[1:]
for _ in range(1200):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            if answer.status == 200:
                break
    except OSError:
        os.path.isdir(f"/proc/{town}") or sys.exit("make run ended by itself")
        time.sleep(0.5)
else:
    sys.exit("make run did not answer on /readyz within ten minutes")
page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).read()
assert b"</html>" in page and len(page) > 5000, page[:500]
POLL
echo "make run answers on /readyz ($((SECONDS - began)) s)"
kill -TERM -- "-$town"
wait "$town" || true
began=$SECONDS
make test ARGS="$tests"
echo "make test has run ($((SECONDS - began)) s)"
# Another old pip that reads hashes more strictly than newer ones do (Python 3.11.7 brings it).
if python3 -c 'import sys; sys.exit(sys.version_info >= (3, 12))'; then
    python3 -m venv "$HOME/old-pip"
    "$HOME/old-pip/bin/pip" install --quiet --disable-pip-version-check pip==23.2
    "$HOME/old-pip/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --dry-run \
        --require-hashes -r requirements/test.txt >"$HOME/old-pip.log" 2>&1 ||
        { tail -n 20 "$HOME/old-pip.log" >&2; exit 1; }
    echo "pip 23.2 reads the locks"
fi
PROVE

# A process namespace of its own: whatever was started in the tree ends with it.
# shellcheck disable=SC2016 # expanded inside
unshare --mount --pid --fork --kill-child bash -c '
    tree=$1 user=$2; shift 2
    mount -t proc proc "$tree/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$tree/dev/shm" 2>/dev/null ||
        { mkdir -p "$tree/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$tree/dev/shm"; }
    exec chroot --userspec="$user:$user" "$tree" "$@"
' bash "$tree" "$([ "$who" = root ] && echo root || echo ada)" \
    /usr/bin/env -i "HOME=$home" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 \
    "${way_out[@]}" bash /prove.sh "$checkout" "$tests" </dev/null || {
    say "FAILED (see above)" >&2
    exit 1
}
say "proven ($((SECONDS - began)) s in all)"
