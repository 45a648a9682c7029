# shellcheck shell=bash
# Debian packages for the tests. Sourced: scripts/lib.sh installs missing ones, scripts/matrix.d/roots.sh makes roots with all of them.
# shellcheck disable=SC2034  # used by scripts that source this file

# for unit tests
unit_packages=(g++ make openssl libssl-dev cmake libgtest-dev)

# for SQL and TAP tests, in addition to a server
server_packages=(libkrb5-dev libpq-dev libipc-run-perl perl python3-asyncpg python3-cryptography python3-cryptography-vectors
    python3-psycopg gnutls-bin krb5-kdc krb5-admin-server krb5-user valgrind tshark
    prometheus prometheus-postgres-exporter prometheus-sql-exporter python3-yaml
    # drivers and poolers of docs/clients.md and docs/server.md: about 1 GB, half of it Go
    default-jre-headless golang-github-jackc-pgx-v4-dev golang-github-lib-pq-dev golang-go haproxy libdbd-pg-perl
    libpostgresql-jdbc-java nodejs odbc-postgresql pgbouncer pgpool2 php-cli php-pgsql python3-pg8000 python3-psycopg2
    python3-pyodbc ruby-pg)

# Packages from npm. Debian has no "postgres", and its "node-pg" conflicts with other packages of Node.js.
node_packages=(pg@8 postgres@3)

# install_node_packages PREFIX PACKAGE…: installs packages below PREFIX, and retries once. NODE_EXTRA_CA_CERTS adds this machine's CAs,
# one of which may be that of a company's proxy.
install_node_packages() {
    local prefix=$1
    shift
    local command=(env "NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}"
        npm install --global --prefix "$prefix" --no-audit --no-fund --loglevel=error "$@")
    [ "$(id -u)" = 0 ] || command=(sudo "${command[@]}")
    "${command[@]}" </dev/null && return
    echo 'npm failed; trying once more' >&2
    sleep 10
    "${command[@]}" </dev/null && return
    echo "error: npm cannot install $*: see above. Without a network, install them by hand: npm install --global --prefix $prefix $*" >&2
    return 1
}

# version_packages MAJOR: prints packages for one major version: extensions that tests preload with this one, and for one version a
# browser, which is large, for the page of scripts/report.
version_packages() {
    echo "postgresql-$1-pgaudit"
    case $1 in 15) echo chromium ;; 18) echo "postgresql-$1-credcheck postgresql-$1-set-user" ;; esac
}
