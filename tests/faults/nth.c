/* SPDX-License-Identifier: ISC */
/*
 * nth: preloaded into a program, lets the N-th call of one kind fail: memory, reading, writing or
 * randomness. Owns the counts, which lie in a file that alloc.py has mapped too (NTH=path): it arms
 * the next fault there and reads what happened. Knows nothing of the program; standard input and
 * output read and write inside libc, so fgets and fread count themselves.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
	ALLOC,
	READ,
	WRITE,
	RANDOM,
	KINDS
};

/* alloc.py knows this layout. */
struct page {
	_Atomic long kind; /* that is to fail; below 0: none */
	_Atomic long nth;  /* of the calls from now on; 0 and below: it has failed, or none */
	_Atomic long calls[KINDS];  /* so far */
	_Atomic long before[KINDS]; /* of them before the first request */
	_Atomic long begun;         /* has it */
	_Atomic long live;          /* blocks of memory */
	_Atomic long waits;         /* for a connection, so far */
	char where[96];             /* who made the call that failed: library and offset */
};

static struct page nobody = { .kind = -1 }, *page = &nobody;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

/* What the library below calls so. Function pointers are no objects to C17, but to POSIX. */
static void *
next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static long
kernel(long number, long a, long b, long c, long d, long e, long f)
{
	static long (*real)(long, ...);

	if (real == NULL)
		*(void **)&real = next("syscall");
	return real(number, a, b, c, d, e, f);
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("NTH");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd >= 0 ? mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
			    : MAP_FAILED;

	if (map == MAP_FAILED)
		abort();
	close(fd);
	unsetenv("NTH");
	unsetenv("LD_PRELOAD");
	page = map;
}

static void
note(void *caller)
{
	Dl_info in;
	const char *name, *slash;

	if (dladdr(caller, &in) == 0 || (name = in.dli_fname) == NULL)
		return;
	slash = strrchr(name, '/');
	snprintf(page->where, sizeof page->where, "%s+0x%lx", slash != NULL ? slash + 1 : name,
		(unsigned long)((char *)caller - (char *)in.dli_fbase));
}

/* Whether this call is the one that fails. */
static bool
fails(enum kind kind, void *caller, int error)
{
	atomic_fetch_add(&page->calls[kind], 1);
	if (page->kind != (long)kind || atomic_fetch_sub(&page->nth, 1) != 1)
		return false;
	note(caller);
	errno = error;
	return true;
}

#define FAILS(kind, error) fails((kind), __builtin_return_address(0), (error))

static void *
lives(void *p)
{
	if (p != NULL)
		atomic_fetch_add(&page->live, 1);
	return p;
}

void *
malloc(size_t size)
{
	return FAILS(ALLOC, ENOMEM) ? NULL : lives(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return FAILS(ALLOC, ENOMEM) ? NULL : lives(__libc_calloc(n, size));
}

void *
realloc(void *old, size_t size)
{
	void *p;

	if (FAILS(ALLOC, ENOMEM))
		return NULL;
	p = __libc_realloc(old, size);
	if (old == NULL)
		lives(p);
	else if (p == NULL && size == 0)
		atomic_fetch_sub(&page->live, 1);
	return p;
}

/* libc's would do, but then the caller would be libc. */
char *
strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	void *p = FAILS(ALLOC, ENOMEM) ? NULL : lives(__libc_malloc(size));

	return p != NULL ? memcpy(p, s, size) : NULL;
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	if (FAILS(ALLOC, ENOMEM) || (*p = lives(__libc_memalign(alignment, size))) == NULL)
		return ENOMEM;
	return 0;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return FAILS(ALLOC, ENOMEM) ? NULL : lives(__libc_memalign(alignment, size));
}

void *
memalign(size_t alignment, size_t size)
{
	return FAILS(ALLOC, ENOMEM) ? NULL : lives(__libc_memalign(alignment, size));
}

void
free(void *p)
{
	if (p != NULL)
		atomic_fetch_sub(&page->live, 1);
	__libc_free(p);
}

ssize_t
read(int fd, void *to, size_t n)
{
	return FAILS(READ, EIO) ? -1 : kernel(SYS_read, fd, (long)to, (long)n, 0, 0, 0);
}

ssize_t
readv(int fd, const struct iovec *to, int n)
{
	return FAILS(READ, EIO) ? -1 : kernel(SYS_readv, fd, (long)to, n, 0, 0, 0);
}

ssize_t
recv(int fd, void *to, size_t n, int flags)
{
	return FAILS(READ, EIO) ? -1 : kernel(SYS_recvfrom, fd, (long)to, (long)n, flags, 0, 0);
}

ssize_t
recvmsg(int fd, struct msghdr *to, int flags)
{
	return FAILS(READ, EIO) ? -1 : kernel(SYS_recvmsg, fd, (long)to, flags, 0, 0, 0);
}

char *
fgets(char *to, int n, FILE *from)
{
	static char *(*real)(char *, int, FILE *);

	if (real == NULL)
		*(void **)&real = next("fgets");
	if (!FAILS(READ, EIO))
		return real(to, n, from);
	from->_flags |= _IO_ERR_SEEN;
	return NULL;
}

size_t
fread(void *to, size_t size, size_t n, FILE *from)
{
	static size_t (*real)(void *, size_t, size_t, FILE *);

	if (real == NULL)
		*(void **)&real = next("fread");
	if (!FAILS(READ, EIO))
		return real(to, size, n, from);
	from->_flags |= _IO_ERR_SEEN;
	return 0;
}

ssize_t
write(int fd, const void *from, size_t n)
{
	return FAILS(WRITE, EIO) ? -1 : kernel(SYS_write, fd, (long)from, (long)n, 0, 0, 0);
}

ssize_t
writev(int fd, const struct iovec *from, int n)
{
	return FAILS(WRITE, EIO) ? -1 : kernel(SYS_writev, fd, (long)from, n, 0, 0, 0);
}

ssize_t
send(int fd, const void *from, size_t n, int flags)
{
	return FAILS(WRITE, EIO) ? -1 : kernel(SYS_sendto, fd, (long)from, (long)n, flags, 0, 0);
}

ssize_t
sendmsg(int fd, const struct msghdr *from, int flags)
{
	return FAILS(WRITE, EIO) ? -1 : kernel(SYS_sendmsg, fd, (long)from, flags, 0, 0, 0);
}

ssize_t
getrandom(void *to, size_t n, unsigned flags)
{
	return FAILS(RANDOM, ENOSYS) ? -1
				     : kernel(SYS_getrandom, (long)to, (long)n, flags, 0, 0, 0);
}

/* At most 256 bytes, which the kernel gives at once. */
int
getentropy(void *to, size_t n)
{
	if (FAILS(RANDOM, ENOSYS))
		return -1;
	return kernel(SYS_getrandom, (long)to, (long)n, 0, 0, 0, 0) == (long)n ? 0 : -1;
}

/* OpenSSL asks for randomness so where it finds no getentropy. */
long
syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_getrandom && FAILS(RANDOM, ENOSYS))
		return -1;
	return kernel(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* A program that cannot start takes a rest first: not here, it would be for hours. */
unsigned
sleep(unsigned seconds)
{
	(void)seconds;
	return 0;
}

/* A program sets its watch when a request begins. */
int
setitimer(__itimer_which_t which, const struct itimerval *value, struct itimerval *old)
{
	for (int i = 0; i < KINDS && !page->begun; i++)
		page->before[i] = page->calls[i];
	page->begun = true;
	return (int)kernel(SYS_setitimer, which, (long)value, (long)old, 0, 0, 0);
}

/* A worker that has done all of a request, and waits for the next. */
int
epoll_pwait(int epoll, struct epoll_event *events, int most, int time, const sigset_t *mask)
{
	enum {
		MASK_BYTES = 8
	};

	atomic_fetch_add(&page->waits, 1);
	return (int)kernel(
		SYS_epoll_pwait, epoll, (long)events, most, time, (long)mask, MASK_BYTES);
}
