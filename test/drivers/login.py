"""Logs in with a driver, runs a statement, and prints what the driver told of it: SQLSTATE, a tab, the message.

    login.py psycopg CONNINFO SQL              on libpq, which keeps the SQLSTATE of a refused login to itself
    login.py asyncpg HOST PORT USER CA SQL     its own implementation of the protocol; over TLS unless CA is empty
"""

import asyncio
import ssl
import sys


def with_psycopg(conninfo, sql):
    import psycopg

    try:
        with psycopg.connect(conninfo) as connection:
            return "00000", str(connection.execute(sql).fetchone()[0])
    except psycopg.Error as error:
        return error.sqlstate or "", str(error)


def with_asyncpg(host, port, user, ca, sql):
    import asyncpg

    async def run():
        tls = ssl.create_default_context(cafile=ca) if ca else False
        connection = await asyncpg.connect(host=host, port=int(port), user=user, database="postgres", ssl=tls)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    try:
        return "00000", str(asyncio.run(run()))
    except asyncpg.PostgresError as error:
        return error.sqlstate, str(error)


print("\t".join({"psycopg": with_psycopg, "asyncpg": with_asyncpg}[sys.argv[1]](*sys.argv[2:])))
