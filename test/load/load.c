/*
 * load: many connections to a server, for the tests.
 *
 *   load connect TOTAL CLIENTS CONNINFO...   connects and disconnects TOTAL times, from CLIENTS processes at once, with the
 *                                            connection strings in turn; prints "connected=N failed=N seconds=S"
 *   load hold COUNT CONNINFO...              opens COUNT connections, with the connection strings in turn, and prints
 *                                            "open"; then runs each line of its standard input in every connection, prints
 *                                            the rows (tab-separated) and "done", until the input ends
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

static double
now(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return tv.tv_sec + tv.tv_usec / 1e6;
}

/* One client: its counts go to the pipe. */
static void
client(int out, int share, int first, int ninfo, char **info)
{
	int			counts[2] = {0, 0};

	for (int i = 0; i < share; i++)
	{
		PGconn	   *conn = PQconnectdb(info[(first + i) % ninfo]);

		counts[PQstatus(conn) != CONNECTION_OK]++;
		if (PQstatus(conn) != CONNECTION_OK && counts[1] == 1)
			fprintf(stderr, "%s", PQerrorMessage(conn));
		PQfinish(conn);
	}
	if (write(out, counts, sizeof counts) != sizeof counts)
		_exit(1);
	_exit(0);
}

static int
connect_many(int total, int clients, int ninfo, char **info)
{
	int			fds[2];
	int			sum[2] = {0, 0};
	double		start = now();

	if (pipe(fds) != 0)
		return 1;
	for (int i = 0; i < clients; i++)
	{
		pid_t		pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			client(fds[1], total / clients + (i < total % clients), i, ninfo, info);
	}
	for (int i = 0; i < clients; i++)
	{
		int			counts[2];

		/* shorter than PIPE_BUF, so whole */
		if (read(fds[0], counts, sizeof counts) != sizeof counts)
			return 1;
		sum[0] += counts[0];
		sum[1] += counts[1];
	}
	while (wait(NULL) > 0)
		continue;
	printf("connected=%d failed=%d seconds=%.3f\n", sum[0], sum[1], now() - start);
	return 0;
}

static int
hold(int count, int ninfo, char **info)
{
	PGconn	  **conns = calloc(count, sizeof *conns);
	char		line[8192];

	for (int i = 0; i < count; i++)
	{
		conns[i] = PQconnectdb(info[i % ninfo]);
		if (PQstatus(conns[i]) != CONNECTION_OK)
		{
			fprintf(stderr, "connection %d: %s", i + 1, PQerrorMessage(conns[i]));
			return 1;
		}
	}
	printf("open\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin) != NULL)
	{
		for (int i = 0; i < count; i++)
		{
			PGresult   *result = PQexec(conns[i], line);

			if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
			{
				fprintf(stderr, "%s", PQerrorMessage(conns[i]));
				return 1;
			}
			for (int row = 0; row < PQntuples(result); row++)
				for (int column = 0; column < PQnfields(result); column++)
					printf("%s%c", PQgetvalue(result, row, column), column + 1 < PQnfields(result) ? '\t' : '\n');
			PQclear(result);
		}
		printf("done\n");
		fflush(stdout);
	}
	for (int i = 0; i < count; i++)
		PQfinish(conns[i]);
	free(conns);
	return 0;
}

int
main(int argc, char **argv)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (argc >= 5 && strcmp(argv[1], "connect") == 0)
		return connect_many(atoi(argv[2]), atoi(argv[3]), argc - 4, argv + 4);
	if (argc >= 4 && strcmp(argv[1], "hold") == 0)
		return hold(atoi(argv[2]), argc - 3, argv + 3);
	fprintf(stderr, "usage: load connect TOTAL CLIENTS CONNINFO... | load hold COUNT CONNINFO...\n");
	return 2;
}
