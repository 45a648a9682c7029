/*
 * To be preloaded into a server (LD_PRELOAD): its n-th allocation fails, whoever asks for it: PostgreSQL, C++ or OpenSSL.
 */
#include <errno.h>
#include <stdlib.h>

/* From PostgreSQL 16 on a module is compiled with everything hidden. */
#pragma GCC visibility push(default)

void		failing_malloc_arm(long n);
int			failing_malloc_disarm(void);

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static long countdown = 0;	/* 0: not armed */
static int failed = 0;

/* From now on the n-th allocation fails, from 1, and no other. */
void
failing_malloc_arm(long n)
{
	countdown = n;
	failed = 0;
}

/* Lets all allocations be; returns whether one has failed. */
int
failing_malloc_disarm(void)
{
	countdown = 0;
	return failed;
}

static int
fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return 0;
	failed = 1;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}
