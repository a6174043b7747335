/* SPDX-License-Identifier: ISC */
/* fd: descriptors. Owns writing on after a part or a signal (write(2)); knows not what is written.
 */
#include "fd.h"

#include <errno.h>
#include <unistd.h>

bool
fd_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}
