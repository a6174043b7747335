/* SPDX-License-Identifier: ISC */
/*
 * text_network: what of an internet address is one subscriber, for limits that count by it. Takes
 * what inet_pton(3) takes; anything else stands for itself.
 */
#include "text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum {
	PREFIX_BYTES = 8, /* a subscriber of IPv6 has a /64 at least, and all of its addresses */
	MAPPED_BYTES =
		12, /* ::ffff:0:0/96, IPv4 in the clothes of IPv6 (RFC 4291 section 2.5.5.2) */
};

const char *
text_network(char out[TEXT_NETWORK_SIZE], const char *address)
{
	static const uint8_t mapped[MAPPED_BYTES] = { [10] = 0xff, [11] = 0xff };
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, address, bytes) != 1) {
		snprintf(out, TEXT_NETWORK_SIZE, "%s", address);
	} else if (memcmp(bytes, mapped, sizeof mapped) == 0) {
		inet_ntop(AF_INET, bytes + MAPPED_BYTES, out, TEXT_NETWORK_SIZE);
	} else {
		memset(bytes + PREFIX_BYTES, 0, sizeof bytes - PREFIX_BYTES);
		inet_ntop(AF_INET6, bytes, text, sizeof text);
		snprintf(out, TEXT_NETWORK_SIZE, "%s/64", text);
	}
	return out;
}
