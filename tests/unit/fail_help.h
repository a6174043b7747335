/* SPDX-License-Identifier: ISC */
#pragma once

/* What fails when it is told to: calls of the kernel, in a child, and memory for OpenSSL. */

#include "child.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* From here on this system call fails with `error` in this process; with 0 it returns 0. */
static inline void
fail_call(long number, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		perror("seccomp");
}

/* From here on this process gets no more than so many bytes of address space. */
static inline void
limit_memory(size_t more)
{
	FILE *self = fopen("/proc/self/statm", "r");
	struct rlimit most;
	long pages = 0;

	if (self == NULL || fscanf(self, "%ld", &pages) != 1)
		perror("/proc/self/statm");
	fclose(self);
	most.rlim_cur = most.rlim_max = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
	if (setrlimit(RLIMIT_AS, &most) != 0)
		perror("setrlimit");
}

/* The allocation of OpenSSL that fails, counted from 1; it alone. 0: none. */
static long fail_at;

static inline bool
fails(void)
{
	return fail_at > 0 && --fail_at == 0;
}

static inline void *
fail_get(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : malloc(size);
}

static inline void *
fail_again(void *p, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : realloc(p, size);
}

static inline void
fail_put(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* To be called before OpenSSL has taken memory. */
static inline void
fail_set_up(void)
{
	assert_int_equal(CRYPTO_set_mem_functions(fail_get, fail_again, fail_put), 1);
}
