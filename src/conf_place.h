/* SPDX-License-Identifier: ISC */
#pragma once

#include <limits.h>
#include <stdbool.h>

/*
 * The absolute path of postern.conf and the folder it is in: what POSTERN_CONFIG names, else
 * /etc/postern/postern.conf, else postern.conf beside or above the program. Ends the program with
 * one line if there is none. For conf.c, and the tool that keeps these files.
 */
void conf_place(char path[PATH_MAX], char folder[PATH_MAX]);

/*
 * The absolute path of an installed folder such as "templates": beside the program or up to two
 * folders above it, else in share/postern there, where `make install` puts it. False if there is
 * none.
 */
bool conf_near(char path[PATH_MAX], const char *name);
