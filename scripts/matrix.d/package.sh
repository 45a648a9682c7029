# Package cells of scripts/matrix, which sources this file.
#
# Each step runs in a temporary copy of a suite's bare root: one builds the package with only its Build-Depends, one is a user's
# machine (apt installs the package, without a compiler), one uses an OCI image of it, and one runs autopkgtest like Debian's
# machines. Each successful check prints a line "ok NAME".

prepare_package() {
    mkdir -p "$1/usr/src/sslinfo-plus-$version" "$1/out"
    cp -a "$scratch/tree/." "$1/usr/src/sslinfo-plus-$version"
    mount --bind "$scratch/out" "$1/out"
}

package_build='
    set -ex
    apt-get -q update
    apt-get -qy install build-essential fakeroot lintian
    useradd --create-home builder
    chown -R builder /usr/src /out
    cd /usr/src
    su builder -c "tar --exclude=./debian --exclude=./.ci --exclude=./.github -czf sslinfo-plus_$version.orig.tar.gz \
        --transform s,^[.],sslinfo-plus-$version, -C sslinfo-plus-$version ."
    cd sslinfo-plus-$version
    rm -rf .ci .github
    apt-get -qy build-dep ./
    echo "ok the build dependencies are complete and can be had"
    # Names the servers of this suite in the control file.
    su builder -c "pg_buildext updatecontrol"
    su builder -c "dpkg-buildpackage --no-sign"
    echo "ok it builds, and its SQL tests pass"
    # An older lintian does not know the current Policy and watch file format. A spelling error in a binary may be a short string
    # that the compiler split into instructions.
    su builder -c "lintian --display-info --pedantic --fail-on error,warning,info \
        --suppress-tags newer-standards-version,missing-debian-watch-file-standard,spelling-error-in-binary ../*.changes"
    echo "ok lintian finds nothing"
    dpkg-deb -x ../postgresql-*-sslinfo-plus_*.deb /tmp/package
    readelf --sections /tmp/package/usr/lib/postgresql/*/lib/sslinfo_plus.so >/tmp/sections
    grep -q "\.text" /tmp/sections
    if grep -q "\.symtab\|\.debug" /tmp/sections; then exit 1; fi
    echo "ok the module in the package is stripped"
    su builder -c "cp ../*.deb ../*.dsc ../*.tar.* /out"
'

package_use='
    set -ex
    no_compiler() { for program in cc gcc g++ clang make; do if command -v $program; then return 1; fi; done; }
    files() { find /etc /opt /usr /var -path /usr/src -prune -o -path "*sslinfo?plus*" -print | sort; }
    no_compiler
    files >/tmp/before
    apt-get -q update
    apt-get -qy install --no-install-recommends /out/postgresql-$major-sslinfo-plus_*.deb ssl-cert
    no_compiler
    echo "ok apt installs it on a machine without a compiler"
    cat >/tmp/use.sh <<"USE"
set -ex
ask() { psql -XAtv ON_ERROR_STOP=1 "host=localhost sslmode=$1" -c "$2"; }
ask require "CREATE EXTENSION sslinfo_plus"
test "$(ask require "SELECT ssl_is_used(), ssl_version()")" = "t|TLSv1.3"
test "$(ask disable "SELECT ssl_is_used(), ssl_version() IS NULL")" = "f|t"
test "$(ask require "SELECT extversion FROM pg_extension WHERE extname = '\''sslinfo_plus'\''")" = "$version"
USE
    pg_virtualenv -v $major sh /tmp/use.sh
    echo "ok it answers over TLS"
    cd /usr/share/doc/postgresql-$major-sslinfo-plus
    test -x examples/migrate-from-sslinfo
    test -s monitoring/postgres_exporter.yaml
    pg_virtualenv -v $major sh -exc "psql -qc \"CREATE EXTENSION sslinfo_plus\" && examples/report | grep \"What expires when\""
    for file in *.md docs/*.md docs/lab/*.md; do
        for link in $(grep -o "](\([^)#]*\)" $file | cut -c 3- | grep -v "^https\?:"); do test -e $(dirname $file)/$link; done
    done
    cd /
    echo "ok documents, monitoring and scripts are there, and no link between them is dead"
    apt-get -qy purge postgresql-$major-sslinfo-plus
    files >/tmp/after
    diff /tmp/before /tmp/after
    echo "ok nothing of it is left when it is removed"
'

# From PostgreSQL 18 on an extension can be used from a directory: here from an unpacked OCI image of the package.
package_image='
    set -ex
    apt-get -q update
    apt-get -qy install --no-install-recommends umoci postgresql-$major ssl-cert
    cd /tmp
    image=$(/usr/src/sslinfo-plus-$version/scripts/image /out/postgresql-$major-sslinfo-plus_*.deb /tmp/image)
    umoci unpack --rootless --image $image /tmp/bundle
    chmod -R a+rX /tmp/bundle
    test ! -e /usr/share/postgresql/$major/extension/sslinfo_plus.control
    cat >/tmp/image.sh <<"USE"
set -ex
ask() { psql -XAtv ON_ERROR_STOP=1 "host=localhost sslmode=require" -c "$1"; }
ask "CREATE EXTENSION sslinfo_plus"
test "$(ask "SELECT ssl_is_used(), ssl_version()")" = "t|TLSv1.3"
test "$(ask "SELECT count(*) FROM pg_stat_ssl_plus WHERE transport = '\''tls'\''")" = 1
USE
    pg_virtualenv -v $major -o "extension_control_path=\$system:/tmp/bundle/rootfs/share" \
        -o "dynamic_library_path=\$libdir:/tmp/bundle/rootfs/lib" -o "shared_preload_libraries=sslinfo_plus" sh /tmp/image.sh
    echo "ok the OCI image has what a server needs that uses it from a directory"
'

package_autopkgtest='
    set -ex
    apt-get -q update
    apt-get -qy install autopkgtest
    cd /usr/src/sslinfo-plus-$version
    autopkgtest --no-built-binaries /out/postgresql-$major-sslinfo-plus_*.deb /out/*.dsc -- null
    echo "ok autopkgtest"
'

# cell_package ROOT: runs the steps, and ends with a line like that of scripts/test.
cell_package() {
    local base=$roots/$1-base log=$scratch/package.log step
    version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$here/sslinfo_plus.control")
    export version
    rm -rf "$scratch/out"
    mkdir "$scratch/out"
    for step in build use image autopkgtest; do
        [ "$step" != image ] || [ "$major" -ge 18 ] || continue
        echo "== $step"
        local script=package_$step
        if ! PREPARE=prepare_package on_copy "$base" timeout -k 30 "$limit" \
            env major="$major" version="$version" sh -c "${!script}"; then
            echo "failed: $step"
            touch "$scratch/out/failed"
        fi
        # the other steps need the package
        [ "$step" != build ] || [ ! -e "$scratch/out/failed" ] || break
    done 2>&1 | tee "$log"
    local passed failed
    # "ok NUMBER" is from pg_regress, since 16.
    passed=$(grep -c '^ok [^0-9]' "$log") failed=$(grep -c '^failed: ' "$log")
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}
