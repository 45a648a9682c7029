# shellcheck shell=bash
# Functions shared by the commands in this directory. Sourced, not run.
#
# They do not change the installed PostgreSQL or its clusters: stage_server makes a private copy in a temporary directory, where
# the extension is installed and servers are started. PostgreSQL finds its files relative to its programs, so the programs are
# copied, and the other files are links.

set -Eeuo pipefail
trap 'printf "%s: line %s failed: %s\n" "${0##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$SOURCE/scripts/packages.sh"
WORK=    # the temporary directory of this run, see start_work
RUN_AS=  # the user for servers, if not the caller

heading() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root for: $*"
    fi
}

# Runs a command as an unprivileged user, since PostgreSQL refuses to run as root. HOME, USER and LOGNAME are that user's.
as_user() {
    if [ -n "$RUN_AS" ]; then
        env HOME="$WORK" USER="$RUN_AS" LOGNAME="$RUN_AS" runuser -u "$RUN_AS" -- "$@"
    else
        "$@"
    fi
}

# Installs missing Debian packages. In a name with '|' any alternative suffices; the first is installed if all are missing.
need_packages() {
    local missing=() name alternative found
    command -v dpkg-query >/dev/null || return 0
    for name in "$@"; do
        found=
        for alternative in ${name//|/ }; do
            if dpkg-query -W -f '${db:Status-Status}\n' "$alternative" 2>/dev/null | grep -qx installed; then found=1; fi
        done
        [ -n "$found" ] || missing+=("${name%%|*}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    need_root_for "${missing[@]}"
    note "installing with apt-get: ${missing[*]}"
    apt_get update || note 'apt-get update failed; going on with the package lists that are there'
    without_daemons apt_get install -y --no-install-recommends "${missing[@]}" ||
        die "apt-get could not install ${missing[*]}: see above; is there a network? By hand, as root: apt-get install ${missing[*]}"
}

# Runs a command that installs packages, without starting their daemons, such as pgbouncer or haproxy: policy-rc.d forbids this while
# the script runs.
without_daemons() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [ -e $policy ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nkill -0 %s 2>/dev/null && exit 101\nexit 0\n' $$ | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
    "$@" || status=$?
    as_root rm -f $policy
    return $status
}

# Installs missing node_packages.
need_node_packages() {
    local to=/usr/local missing=() package
    for package in "${node_packages[@]}"; do
        [ -d "$to/lib/node_modules/${package%@*}" ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v npm >/dev/null || need_packages npm
    note "installing with npm: ${missing[*]}"
    installer="npm install --global --prefix $to" need_root_for "${missing[@]}"
    install_node_packages "$to" "${missing[@]}" >/dev/null || die "Node.js's packages are missing: ${missing[*]}"
}

need_root_for() { # PACKAGE…
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        die "there is no sudo, and these packages are missing; as root: ${installer:-apt-get install} $*"
}

apt_get() {
    local log
    log=$(mktemp)
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1; then
        rm -f "$log"
    else
        { grep -E '^(E|Err|sudo):' "$log" || tail -n 5 "$log"; } | tail -n 5 >&2
        rm -f "$log"
        return 1
    fi
}

# Installs the distribution's PostgreSQL, without the cluster 'main' that Debian would make.
install_server() {
    local dir=/etc/postgresql-common/createcluster.d status=0
    need_root_for postgresql
    as_root mkdir -p $dir
    echo 'create_main_cluster = false' | as_root tee $dir/sslinfo_plus.conf >/dev/null
    (need_packages postgresql) || status=$?
    as_root rm -f $dir/sslinfo_plus.conf
    return $status
}

newest_server() {
    local program
    for program in /usr/lib/postgresql/*/bin/postgres; do
        if [ -x "$program" ]; then echo "${program%/postgres}"; fi
    done | sort -V | tail -n 1
}

# Sets PG_CONFIG and PG_MAJOR to the server of PG_CONFIG, or the newest installed one, or the distribution's.
need_server() {
    local bin name
    if [ -z "${PG_CONFIG:-}" ]; then
        bin=$(newest_server)
        if [ -z "$bin" ] && command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/postgres" ]; then
            bin=$(pg_config --bindir)
        fi
        if [ -z "$bin" ]; then
            install_server
            bin=$(newest_server)
        fi
        [ -n "$bin" ] || die 'no PostgreSQL server found; name one by PG_CONFIG=/path/to/pg_config'
        PG_CONFIG=$bin/pg_config
        PG_MAJOR=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        case $bin in
        /usr/lib/postgresql/*) need_packages "postgresql-server-dev-$PG_MAJOR" ;;
        esac
    fi
    command -v "$PG_CONFIG" >/dev/null || die "no such program: $PG_CONFIG"
    PG_MAJOR=$("$PG_CONFIG" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    [ -f "$("$PG_CONFIG" --pgxs)" ] || die "$PG_CONFIG knows no PGXS: the server's development files are missing"
    export PG_CONFIG
    # The caller's PG… variables must not lead a test to another server.
    for name in "${!PG@}"; do
        case $name in PG_CONFIG | PG_MAJOR | PG_TEST_*) ;; *) unset "$name" ;; esac
    done
}

# Like need_server, with all packages for the SQL and TAP tests.
need_server_and_clients() {
    need_packages "${server_packages[@]}"
    need_node_packages
    need_server
    # shellcheck disable=SC2046 # a list of names
    case $("$PG_CONFIG" --bindir) in /usr/lib/postgresql/*) need_packages $(version_packages "$PG_MAJOR") ;; esac
}

# Makes WORK, the temporary directory of this run, and selects the unprivileged user. Call it after need_server, since Debian's
# package makes the user postgres. At the end of the script, servers are stopped and WORK is removed.
start_work() {
    if [ "$(id -u)" = 0 ]; then
        RUN_AS=nobody
        if id postgres >/dev/null 2>&1; then RUN_AS=postgres; fi
    fi
    case ${TMPDIR:-/tmp} in *[[:space:]]*) die "there is a space in TMPDIR, $TMPDIR, which make cannot handle; set another" ;; esac
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/sslinfo_plus.XXXXXX" 2>/dev/null) ||
        die "cannot make a directory in ${TMPDIR:-/tmp}; set TMPDIR to one that exists and may be written"
    trap finish_work EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if [ -n "$RUN_AS" ]; then chown "$RUN_AS" "$WORK"; fi
    chmod 755 "$WORK"
    as_user test -x "$WORK" || die "the user $RUN_AS cannot reach $WORK; set TMPDIR to a directory that it can"
    as_user mkdir "$WORK/log" "$WORK/data" "$WORK/socket"
}

finish_work() {
    local status=$? data
    trap '' HUP INT TERM
    for data in "$WORK"/data/* "$WORK"/src/tmp_check/*/pgdata; do # the latter: interrupted TAP tests
        if [ -f "$data/postmaster.pid" ]; then
            as_user "$BIN/pg_ctl" stop -D "$data" -m immediate -w >/dev/null 2>&1 || true
        fi
    done
    rm -rf "$WORK"
    exit $status
}

# Keeps WORK and its servers after the script.
keep_work() { trap - EXIT; }

# Prints the command prefix that corresponds to as_user.
as_command() {
    if [ -n "$RUN_AS" ]; then printf 'runuser -u %s -- ' "$RUN_AS"; fi
}

# logged NAME COMMAND…: runs a command with its output in a log, and prints the log if it fails.
logged() {
    local log=$WORK/log/$1.log status=0
    shift
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ $status != 0 ]; then
        cat "$log"
        printf '\nfailed (%s): %s\n' $status "$*"
    fi
    return $status
}

# copy_sources [DIR]: copies all files that git does not ignore to DIR (default $WORK/src), owned by the unprivileged user.
copy_sources() {
    local to=${1:-$WORK/src}
    as_user mkdir -p "$to"
    (
        cd "$SOURCE"
        if git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
            git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
                while IFS= read -r -d '' file; do
                    if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
                done | tar -c --null --no-recursion -T -
        else
            tar -c --exclude=./.git --exclude='./build*' --exclude=./tmp_check --exclude=./results --exclude=./log \
                --exclude='*.o' --exclude='*.so' --exclude='*.bc' .
        fi
    ) | as_user tar -x --no-same-owner -C "$to"
}

# Makes the private copy of the server. Sets PG_CONFIG to its pg_config and BIN to its programs.
stage_server() {
    copy_server "$PG_CONFIG" "$WORK/server"
    BIN=$WORK/server$("$PG_CONFIG" --bindir)
    PG_CONFIG=$BIN/pg_config
}

# copy_server PG_CONFIG DIR: copies a server without the extension to DIR. PostgreSQL resolves links in its own path to find its
# files, so the programs are copied, and everything else is linked file by file.
copy_server() {
    local root=$2 bin what dir
    bin=$("$1" --bindir)
    as_user mkdir -p "$root$bin"
    as_user cp -L "$bin"/* "$root$bin/"
    for what in pkglibdir sharedir; do
        dir=$("$1" --$what)
        as_user mkdir -p "$root$dir"
        as_user cp -rs "$dir/." "$root$dir/"
        # another version of the extension
        as_user find "$root$dir" -name '*sslinfo_plus*' -prune -exec rm -rf {} +
    done
    for what in libdir includedir includedir-server localedir; do
        dir=$("$1" --$what)
        if [ ! -e "$root$dir" ]; then
            as_user mkdir -p "$root${dir%/*}"
            as_user ln -s "$dir" "$root$dir"
        fi
    done
    for what in pkglibdir sharedir; do
        case $("$root$bin/pg_config" --$what) in
        "$root"/*) ;;
        *) die "this PostgreSQL cannot be copied: its $what is not relative to its programs" ;;
        esac
    done
}

# Prints the pg_config of the newest supported server older than PG_MAJOR that has development files; may be empty.
older_server() {
    local dir major
    for dir in /usr/lib/postgresql/*; do
        major=${dir##*/}
        if [ -x "$dir/bin/postgres" ] && [ "$major" -ge 15 ] && [ "$major" -lt "$PG_MAJOR" ] &&
            [ -f "$("$dir/bin/pg_config" --pgxs)" ]; then
            echo "$dir/bin/pg_config"
        fi
    done | sort -V | tail -n 1
}

# Prints an unused TCP port.
free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 12000))
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo $port
            return
        fi
    done
    die 'no free port found'
}

# start_server NAME [SETTING=VALUE…]: makes and starts a cluster in $WORK/data/NAME, with trust authentication and its Unix-domain
# socket in $WORK/socket. Sets PGHOST, PGPORT, PGUSER and PGDATABASE.
start_server() {
    local name=$1 data=$WORK/data/$1 setting
    shift
    logged initdb as_user "$BIN/initdb" -D "$data" -A trust -U postgres --encoding=UTF8 --locale=C --no-sync
    PGPORT=$(free_port)
    {
        printf '%s\n' "port = $PGPORT" "unix_socket_directories = '$WORK/socket'" "listen_addresses = ''" 'fsync = off'
        for setting in "$@"; do
            printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
        done
    } | as_user tee -a "$data/postgresql.conf" >/dev/null
    export PGHOST=$WORK/socket PGPORT PGUSER=postgres PGDATABASE=postgres
    if ! as_user "$BIN/pg_ctl" start -w -D "$data" -l "$WORK/log/server-$name.log" >/dev/null; then
        cat "$WORK/log/server-$name.log"
        die 'the server did not start'
    fi
}
