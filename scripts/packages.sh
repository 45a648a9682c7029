# shellcheck shell=bash
# The Debian packages that the tests need. To be sourced: scripts/lib.sh installs what is missing, scripts/matrix.d/roots.sh makes roots
# that have all of them.
# shellcheck disable=SC2034  # used by those who source it

# the unit tests
unit_packages=(g++ make openssl libssl-dev cmake libgtest-dev)

# the SQL and TAP tests, beside a server
server_packages=(libkrb5-dev libpq-dev libipc-run-perl perl python3-asyncpg python3-cryptography python3-cryptography-vectors
    python3-psycopg gnutls-bin krb5-kdc krb5-admin-server krb5-user valgrind tshark
    prometheus prometheus-postgres-exporter prometheus-sql-exporter python3-yaml
    # the drivers and poolers of docs/clients.md and docs/server.md: about 1 GB, of which Go is a half
    default-jre-headless golang-github-jackc-pgx-v4-dev golang-github-lib-pq-dev golang-go haproxy libdbd-pg-perl
    libpostgresql-jdbc-java nodejs odbc-postgresql pgbouncer pgpool2 php-cli php-pgsql python3-pg8000 python3-psycopg2
    python3-pyodbc ruby-pg)

# Packages of npm's registry. Debian has no "postgres", and its "node-pg" cannot be installed beside other packages of Node.js.
node_packages=(pg@8 postgres@3)

# install_node_packages PREFIX PACKAGE…: installs them below PREFIX. A registry that does not answer is asked once more. npm brings CAs of its
# own; with NODE_EXTRA_CA_CERTS it trusts this machine's too, one of which may stand in a company's proxy.
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

# What depends on the major version $1 of the server: the extensions that are preloaded beside this one, those that Debian has; and a
# browser for the page of scripts/report, for one version, since the page is the same for all and the browser is large.
version_packages() {
    echo "postgresql-$1-pgaudit"
    case $1 in 15) echo chromium ;; 18) echo "postgresql-$1-credcheck postgresql-$1-set-user" ;; esac
}
