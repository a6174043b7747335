/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/* The form of a new file: description, inputFile. */
extern const struct field filing_in[];

/* `first` of the row: the file as it comes, {id, size, sha256, type}, which nobody sees yet. */
json_t *filing_take(struct req *rq);

/* `run`: all of it is there, and from now on the file is: {file}. */
json_t *filing_add(struct req *rq);

/* `undo`: it did not come to that. */
json_t *filing_undo(struct req *rq);
