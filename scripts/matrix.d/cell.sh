# Cells of scripts/matrix, which sources this file.

# copy_tree DIR: copies the files that git tracks, with uncommitted changes, or all files without git (a source zip).
copy_tree() {
    local git=(git -C "$here" -c safe.directory='*')
    if "${git[@]}" rev-parse --git-dir >/dev/null 2>&1; then
        "${git[@]}" ls-files -z --deduplicate |
            (cd "$here" && while IFS= read -rd '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done) |
            tar -C "$here" --no-recursion --null -T - -cf - | tar -C "$1" --no-same-owner -xf -
    else
        tar -C "$here" -cf - . | tar -C "$1" --no-same-owner -xf -
    fi
}

put_tree() {
    mkdir -p "$1/usr/src/sslinfo_plus"
    cp -a "$scratch/tree/." "$1/usr/src/sslinfo_plus"
}

# version_of ROOT PACKAGE: prints the version of an installed package, without Debian's epoch and revision, or "-".
version_of() {
    local version
    version=$(dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Version}' "$2" 2>/dev/null) || version=-
    version=${version#*:}
    echo "${version%-*}"
}

# Runs a function in its own process group, in the background, so that a signal to this script immediately ends all of it. Do not call
# it in a condition, where set -e has no effect.
await() {
    local status
    set -m
    "$@" &
    child=$!
    set +m
    wait "$child"
    status=$?
    child=
    return $status
}

# run_cell NAME ROOT COMPILER TESTS: runs a cell, sets result (passed, failed, not run) and row, and adds to notes.
run_cell() {
    local name=$1 dir=$roots/$2 log=$cache/log/$1.log counts p f s reasons status
    root_recipe "$2"
    echo "== $name: $(field "$name" 4) (log: $log)"
    row="$suite|${major:--}|-|$3|$name"

    if ! command -v debootstrap >/dev/null; then
        not_run "debootstrap cannot be installed"
        return
    fi
    await root "$2" >"$cache/log/root-$2.log" 2>&1
    status=$?
    if [ $status != 0 ]; then
        not_run "no root: $(grep -aE '^(E|W|ERROR):|error|failed' "$cache/log/root-$2.log" | tail -1) (see $cache/log/root-$2.log)"
        return
    fi

    local compiler
    compiler=$(chroot "$dir" "$3" -dumpfullversion 2>/dev/null || chroot "$dir" "$3" -dumpversion)
    row="$suite|$( [ -z "$major" ] && echo - || version_of "$dir" "postgresql-$major")|$(version_of "$dir" libssl-dev)|$3 $compiler|$name"
    if [ -n "$only_roots" ]; then
        result=ready row+="|ready|||"
        return
    fi

    rm -rf "$scratch/tree"
    mkdir "$scratch/tree"
    copy_tree "$scratch/tree" || exit 1
    SECONDS=0
    case $4 in
        all)     await cell_test "$dir" "$3" ;;
        unit)    await cell_test "$dir" "$3" unit ;;
        package) await cell_package "$2" ;;
    esac >"$log" 2>&1
    status=$?

    # The command's last line. A run without it has failed, whatever its exit status.
    counts=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" | tail -1)
    read -r p _ f _ s _ <<<"${counts//,/}"
    if [ "$status" = 0 ] && [ -n "$counts" ] && [ "$p" -gt 0 ] && [ "$f" = 0 ]; then
        result=passed
    else
        result=failed
        [ "$status" = 124 ] && notes+="$name: stopped after $limit"$'\n'
        notes+=$(tail -n 5 "$log" | sed "s/^/$name: /")$'\n'
    fi
    # A cell that failed without a failed test (not built, or stopped) counts as one failure.
    [ "$result" = passed ] || [ "${f:-0}" -gt 0 ] || f=1
    tests=($((tests[0] + ${p:-0})) $((tests[1] + ${f:-0})) $((tests[2] + ${s:-0})))
    # scripts/test ends with a list of skipped tests and reasons
    reasons=$(awk '/^== /{list = /^== Skipped$/; next} NF == 0{list = 0} list' "$log" | sort | uniq -c |
        sed -E "s/^ *([0-9]+) +(.*)/$name: skipped \1: \2/")
    [ -z "$reasons" ] || notes+=$reasons$'\n'
    row+="|$result|${p:--}|${f:--}|${s:-0}"
    printf '   %s: %s in %d s\n' "$result" "${counts:-no closing line}" "$SECONDS"
}

not_run() {
    result='not run' row+="|not run|-|-|-"
    notes+="$name: not run: $1"$'\n'
    echo "   not run: $1"
}

limit=${SSLINFO_CELL_LIMIT:-45m}

# cell_test DIR COMPILER [ARG…]: runs scripts/test in a temporary copy of a root. PGXS sets CXX itself, so make receives it by MAKEFLAGS;
# CMake reads the environment.
cell_test() {
    local dir=$1 compiler=$2
    shift 2
    local cc=gcc
    [ "$compiler" = clang++ ] && cc=clang
    PREPARE=put_tree on_copy "$dir" timeout -k 30 "$limit" \
        env CXX="$compiler" CC="$cc" MAKEFLAGS="CXX=$compiler" ${CI:+CI="$CI"} sh -c 'cd /usr/src/sslinfo_plus && exec scripts/test "$@"' scripts/test "$@"
}
