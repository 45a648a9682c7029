/*
 * To be preloaded into a server (LD_PRELOAD): it writes each of its calls of unlink() and fsync() as a line to the file that the
 * environment variable FILE_CALLS names, in their order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* From PostgreSQL 16 on a module is compiled with everything hidden. */
#pragma GCC visibility push(default)

static void
record(const char *call, const char *path)
{
	const char *file = getenv("FILE_CALLS");
	int			fd = file != NULL ? open(file, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%s %s\n", call, path);
	close(fd);
}

int
unlink(const char *path)
{
	int			(*original) (const char *) = (int (*) (const char *)) dlsym(RTLD_NEXT, "unlink");

	record("unlink", path);
	return original(path);
}

int
fsync(int fd)
{
	int			(*original) (int) = (int (*) (int)) dlsym(RTLD_NEXT, "fsync");
	char		link[64];
	char		path[1024];
	ssize_t		length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	path[length > 0 ? length : 0] = '\0';
	record("fsync", path);
	return original(fd);
}
