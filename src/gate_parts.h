/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of the gate share. */

#include "gate.h"

/* Note why, unless something else was noted before. Always false. */
bool gate_refuse(struct gate *g, enum err why);

/* The last step. */
void gate_answer(struct req *rq, struct http_response *rs);

/* Judge who was found by the rules of the place. False with the reason noted. */
bool gate_judge(struct req *rq);

/* Whether a value may stand in a header of ours: visible ASCII alone. */
bool gate_plain(const char *s);

/* The words of GATE_REQUIRE, with blanks between them: see gate.h. */

/* Whether each of them is a rule. */
bool gate_rules_known(const char *require);

/* Whether they want a login that is not old. */
bool gate_rules_fresh(const char *require);

/* Whether all hold for a member, but for that. */
bool gate_rules_hold(const char *require, const struct me *me);
