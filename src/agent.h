/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

/*
 * A short name for people of what called itself `agent` (a User-Agent header): "Firefox on Linux",
 * "curl", "Safari on iPhone"; "Unknown device" for all else. Fixed texts or in `m`, never a part of
 * `agent`.
 */
const char *agent_name(struct mem *m, const char *agent);
