# shellcheck shell=bash
# The Debian packages that the tests need. To be sourced: scripts/lib.sh installs what is missing, scripts/matrix.d/roots.sh makes roots
# that have all of them.
# shellcheck disable=SC2034  # used by those who source it

# the unit tests
unit_packages=(g++ make openssl libssl-dev cmake libgtest-dev)

# the SQL and TAP tests, beside a server
server_packages=(libkrb5-dev libpq-dev libipc-run-perl perl python3-asyncpg python3-cryptography python3-cryptography-vectors
    python3-psycopg gnutls-bin krb5-kdc krb5-admin-server krb5-user valgrind
    prometheus prometheus-postgres-exporter prometheus-sql-exporter python3-yaml)
