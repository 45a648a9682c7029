# The Debian roots that scripts/matrix builds and tests in. Sourced by it, not run.
#
# Each suite has two roots in the cache: SUITE-base, as debootstrap makes it (nothing of ours, no compiler), and SUITE, the same
# with what a build and its tests need. A root is made beside its place and moved there when it is whole, with a stamp that
# holds its recipe: a changed recipe, or a root whose making was cut short, makes it anew. Nothing is ever mounted in them but
# within a mount namespace of its own, which ends with the process that made it, however that ends.

mirror=${SSLINFO_MIRROR:-http://deb.debian.org/debian}
security=${SSLINFO_SECURITY_MIRROR:-http://deb.debian.org/debian-security}

# shellcheck source=scripts/packages.sh
. "$here/scripts/packages.sh"

# root_recipe NAME: sets suite, sources (lines of sources.list), major (empty: no server) and preferences of a root; and older and
# older_suite: the major that pg_upgrade comes from in t/054 (empty: none), and the suite that has it, where it is another.
root_recipe() {
    local experimental="deb $mirror experimental main"
    preferences= major= older= older_suite= older_sources=
    case $1 in
        bullseye) suite=bullseye ;;                     # its PostgreSQL is 13, out of support: the core only
        bookworm) suite=bookworm major=15 ;;
        trixie)   suite=trixie major=17 older=15 older_suite=bookworm ;;
        forky)    suite=forky major=18 older=17 older_suite=trixie ;;
        sid19)    suite=sid major=19 older=18 ;;
        openssl4) suite=sid ;;
        *) echo "unknown root: $1" >&2; return 2 ;;
    esac
    sources=$(sources_of "$suite")
    # Without security updates, which a moving suite may not have yet: its 18.6 does not know what 17.12 writes to pg_attribute.
    [ -z "$older_suite" ] || older_sources="deb $mirror $older_suite main"
    case $1 in
        sid19)
            sources+=$'\n'$experimental
            # Only PostgreSQL comes from experimental: a plain -t experimental would bring OpenSSL 4 along.
            preferences=$(pin 'postgresql-19 postgresql-*-19 libpq5 libpq-dev libpq-oauth') ;;
        openssl4)
            sources+=$'\n'$experimental
            preferences=$(pin 'libssl-dev libssl4 openssl openssl-provider-*') ;;
    esac
    packages="clang ${unit_packages[*]}"
    if [ -n "$major" ]; then
        packages+=" ${server_packages[*]} postgresql-$major postgresql-server-dev-$major $(version_packages "$major")"
        [ -z "$older" ] || packages+=" postgresql-$older"
        case $suite in forky | sid) packages+=" golang-github-jackc-pgx-v5-dev" ;; esac
    fi
}

sources_of() {
    echo "deb $mirror $1 main"
    case $1 in bullseye|bookworm|trixie) echo "deb $security $1-security main" ;; esac
}

pin() {
    printf 'Package: %s\nPin: release a=experimental\nPin-Priority: 900\n' "$1"
}

# in_root DIR COMMAND…: runs COMMAND in DIR with /proc, /dev and its own /dev/shm, in mount and PID namespaces of its own: when
# COMMAND ends, or the caller does, every process it left is killed and every mount is gone.
in_root() {
    local dir=$1
    shift
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child -- bash -c '
        set -e
        dir=$1; shift
        mount -t proc proc "$dir/proc"
        mount --rbind /dev "$dir/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$dir/dev/shm"
        [ ! -e /etc/resolv.conf ] || cat /etc/resolv.conf >"$dir/etc/resolv.conf"
        [ ! -e /etc/hosts ] || cat /etc/hosts >"$dir/etc/hosts"
        chroot "$dir" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            DEBIAN_FRONTEND=noninteractive "$@" </dev/null' in_root "$dir" "$@"
}

# on_copy DIR COMMAND…: as in_root, in a throw-away copy of DIR (an overlay where the kernel gives one), so that a root stays as
# it was made. The copy is at $scratch/root while COMMAND runs; PREPARE, where set, is a function called before with its path.
on_copy() {
    local dir=$1
    shift
    rm -rf "${scratch:?}/upper" "$scratch/work" "$scratch/root"
    mkdir -p "$scratch/upper" "$scratch/work" "$scratch/root"
    export -f in_root ${PREPARE:-}
    export PREPARE
    setpriv --pdeathsig KILL unshare --mount -- bash -c '
        set -e
        scratch=$1 dir=$2; shift 2
        mount -t overlay overlay -o "lowerdir=$dir,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root" 2>/dev/null ||
            cp -a --reflink=auto "$dir/." "$scratch/root"
        [ -z "$PREPARE" ] || "$PREPARE" "$scratch/root"
        in_root "$scratch/root" "$@"' on_copy "$scratch" "$dir" "$@"
    local status=$?
    rm -rf "$scratch/upper" "$scratch/work" "$scratch/root"
    return $status
}

# root NAME: makes NAME and NAME-base in $roots unless they are there, whole and of this recipe. Output goes to stdout and stderr.
# (So that set -e holds inside it, call it as a command of its own and not in a condition.)
root() (
    set -euo pipefail
    root_recipe "$1"
    local base=$roots/$1-base full=$roots/$1
    local stamp="$suite|$sources|$preferences"
    if [ "$(cat "$base.stamp" 2>/dev/null)" != "$stamp" ]; then
        rm -rf "$base" "$base.new" "$base.stamp" "$full.stamp"
        # Debian's own scripts are the same for all suites since trixie, and an older debootstrap has no file for newer names.
        local script=/usr/share/debootstrap/scripts/$suite
        [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
        setpriv --pdeathsig KILL unshare --mount -- debootstrap --variant=minbase "$suite" "$base.new" "$mirror" "$script"
        echo "$sources" >"$base.new/etc/apt/sources.list"
        rm -f "$base.new"/etc/apt/sources.list.d/*
        [ -z "$preferences" ] || echo "$preferences" >"$base.new/etc/apt/preferences.d/sslinfo-plus"
        # A mirror's Release file of a moving suite can be past its date, and an archived suite's always is.
        printf '%s\n' 'Acquire::Check-Valid-Until "false";' 'APT::Install-Recommends "false";' 'Acquire::Retries "3";' \
            >"$base.new/etc/apt/apt.conf.d/90sslinfo-plus"
        # What is made here can be made again: dpkg need not wait for the disk.
        echo force-unsafe-io >"$base.new/etc/dpkg/dpkg.cfg.d/sslinfo-plus"
        # No daemon starts, and no cluster is made, because a package was installed.
        printf '#!/bin/sh\nexit 101\n' >"$base.new/usr/sbin/policy-rc.d"
        chmod 755 "$base.new/usr/sbin/policy-rc.d"
        mkdir -p "$base.new/etc/postgresql-common/createcluster.d"
        echo 'create_main_cluster = false' >"$base.new/etc/postgresql-common/createcluster.d/sslinfo-plus.conf"
        in_root "$base.new" sh -c 'apt-get -q update && apt-get -qy dist-upgrade && apt-get clean'
        mv "$base.new" "$base"
        echo "$stamp" >"$base.stamp"
    fi
    stamp+="|$packages${major:+ ${node_packages[*]}}${older_sources:+|$older_sources}"
    if [ "$(cat "$full.stamp" 2>/dev/null)" != "$stamp" ]; then
        rm -rf "$full" "$full.new" "$full.stamp"
        mkdir "$full.new"
        cp -a --reflink=auto "$base/." "$full.new"
        if [ -n "$older_suite" ]; then                  # nothing comes from it that the suite itself has
            echo "$older_sources" >"$full.new/etc/apt/sources.list.d/older.list"
            printf 'Package: *\nPin: release n=%s*\nPin-Priority: 100\n' "$older_suite" >"$full.new/etc/apt/preferences.d/older"
            in_root "$full.new" apt-get -q update
        fi
        # shellcheck disable=SC2086 # a list of names
        in_root "$full.new" apt-get -qy install $packages
        # Of the older server's development files only the files: the package asks for a second clang, which nothing here uses.
        [ -z "$older" ] || in_root "$full.new" sh -c 'cd /tmp && apt-get -q download "$1" && dpkg -x "$1"_*.deb / && rm "$1"_*.deb' \
            sh "postgresql-server-dev-$older"
        [ -z "$major" ] || install_node_packages "$full.new/usr/local" "${node_packages[@]}"
        in_root "$full.new" apt-get clean
        mv "$full.new" "$full"
        echo "$stamp" >"$full.stamp"
    fi
)
