/*
 * Computes channel binding data on the client's end of a connection, and asks the server for its own, for t/025_channel_binding.pl.
 *
 *   channel_binding CONNINFO DIGEST
 *
 * prints four lines: tls-exporter (RFC 9266) of this end and of the server's, tls-server-end-point (RFC 5929, with the
 * DIGEST that its rule asks for) of this end and of the server's. What the server refuses is printed as its SQLSTATE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

static void
print_hex(const unsigned char *octets, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		printf("%02x", octets[i]);
	printf("\n");
}

static void
ask(PGconn *conn, const char *type)
{
	const char *values[] = {type};
	PGresult   *result = PQexecParams(conn, "SELECT encode(ssl_channel_binding($1), 'hex')", 1, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		printf("%s\n", PQgetvalue(result, 0, 0));
	else
		printf("%s %s", PQresultErrorField(result, PG_DIAG_SQLSTATE), PQerrorMessage(conn));
	PQclear(result);
}

int
main(int argc, char **argv)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	PGconn	   *conn;
	SSL		   *ssl;
	X509	   *certificate;

	if (argc != 3)
		return 2;
	conn = PQconnectdb(argv[1]);
	if (PQstatus(conn) != CONNECTION_OK)
	{
		fprintf(stderr, "%s", PQerrorMessage(conn));
		return 1;
	}
	ssl = PQsslStruct(conn, "OpenSSL");
	if (ssl == NULL)
		return 1;

	/* a context of no octets, which in TLS 1.2 is not the same as no context */
	if (SSL_export_keying_material(ssl, octets, 32, label, strlen(label), (const unsigned char *) "", 0, 1) != 1)
		return 1;
	print_hex(octets, 32);
	ask(conn, "tls-exporter");

	certificate = SSL_get_peer_certificate(ssl);
	if (certificate == NULL || X509_digest(certificate, EVP_get_digestbyname(argv[2]), octets, &length) != 1)
		return 1;
	print_hex(octets, length);
	ask(conn, "tls-server-end-point");

	X509_free(certificate);
	PQfinish(conn);
	return 0;
}
