# Debian roots for scripts/matrix, which sources this file.
#
# Each suite has two roots in the cache: SUITE-base, made by debootstrap (without a compiler), and SUITE, with the packages for build
# and tests. A root is made under another name and renamed when it is complete, with a stamp that contains its recipe. It is made
# again after a change of the recipe or an interruption. All mounts are in mount namespaces, which end with their process.

mirror=${SSLINFO_MIRROR:-http://deb.debian.org/debian}
security=${SSLINFO_SECURITY_MIRROR:-http://deb.debian.org/debian-security}

# shellcheck source=scripts/packages.sh
. "$here/scripts/packages.sh"

# root_recipe NAME: sets suite, sources (lines of sources.list), major (empty: no server) and preferences of a root. Also sets older, the
# major version from which t/054 upgrades (empty: none), and older_suite, its suite if it is another one.
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
    # Without security updates, which may be too new for the suite: its 18.6 cannot upgrade pg_attribute of 17.12.
    [ -z "$older_suite" ] || older_sources="deb $mirror $older_suite main"
    case $1 in
        sid19)
            sources+=$'\n'$experimental
            # Only PostgreSQL comes from experimental: -t experimental would also install OpenSSL 4.
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

# in_root DIR COMMAND…: runs COMMAND in DIR with /proc, /dev and a new /dev/shm, in new mount and PID namespaces. When COMMAND or the
# caller ends, all its processes are killed and all mounts are removed.
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

# on_copy DIR COMMAND…: like in_root, in a temporary copy of DIR at $scratch/root (an overlay if the kernel supports it). If PREPARE is
# set, calls this function with the path of the copy first.
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

# root NAME: makes NAME and NAME-base in $roots unless they are complete and of this recipe. Do not call it in a condition, where set -e
# has no effect.
root() (
    set -euo pipefail
    root_recipe "$1"
    local base=$roots/$1-base full=$roots/$1
    local stamp="$suite|$sources|$preferences"
    if [ "$(cat "$base.stamp" 2>/dev/null)" != "$stamp" ]; then
        rm -rf "$base" "$base.new" "$base.stamp" "$full.stamp"
        # An older debootstrap has no script for a newer suite. That of sid is the same since trixie.
        local script=/usr/share/debootstrap/scripts/$suite
        [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
        setpriv --pdeathsig KILL unshare --mount -- debootstrap --variant=minbase "$suite" "$base.new" "$mirror" "$script"
        echo "$sources" >"$base.new/etc/apt/sources.list"
        rm -f "$base.new"/etc/apt/sources.list.d/*
        [ -z "$preferences" ] || echo "$preferences" >"$base.new/etc/apt/preferences.d/sslinfo-plus"
        # The Release file of a mirror or of an archived suite may have expired.
        printf '%s\n' 'Acquire::Check-Valid-Until "false";' 'APT::Install-Recommends "false";' 'Acquire::Retries "3";' \
            >"$base.new/etc/apt/apt.conf.d/90sslinfo-plus"
        # dpkg need not wait for the disk, since the root can be made again.
        echo force-unsafe-io >"$base.new/etc/dpkg/dpkg.cfg.d/sslinfo-plus"
        # Packages start no daemon and make no cluster.
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
        if [ -n "$older_suite" ]; then                  # only for packages that the suite lacks
            echo "$older_sources" >"$full.new/etc/apt/sources.list.d/older.list"
            printf 'Package: *\nPin: release n=%s*\nPin-Priority: 100\n' "$older_suite" >"$full.new/etc/apt/preferences.d/older"
            in_root "$full.new" apt-get -q update
        fi
        # shellcheck disable=SC2086 # a list of names
        in_root "$full.new" apt-get -qy install $packages
        # Unpacks the older server's development files, without the second clang on which the package depends.
        [ -z "$older" ] || in_root "$full.new" sh -c 'cd /tmp && apt-get -q download "$1" && dpkg -x "$1"_*.deb / && rm "$1"_*.deb' \
            sh "postgresql-server-dev-$older"
        [ -z "$major" ] || install_node_packages "$full.new/usr/local" "${node_packages[@]}"
        in_root "$full.new" apt-get clean
        mv "$full.new" "$full"
        echo "$stamp" >"$full.stamp"
    fi
)
