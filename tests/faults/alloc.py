# SPDX-License-Identifier: ISC
"""make torture-alloc: the N-th malloc, read, write, getrandom of each program's happy path fails, for all N;
P="login user" picks programs. It prints a line for each sweep over N.

What may come of a fault: the right answer; a planned error (5xx, never 500) with nothing done; or a clean end
with all done or nothing. Afterwards the same worker gives the right answer again. Never wrong data, an open
transaction, memory or descriptors that stay, nor a token or cookie that was made without randomness."""
import collections
import contextlib
import itertools
import multiprocessing
import re
import signal
import sys
import time

from load import Site
from database import Second
from happy import CASES, Member, plain, secrets, whole
from nth import KINDS, NOTHING, Cgi, Worker
from workers import until

ALLOC, READ, WRITE, RANDOM = range(len(KINDS))
OPEN = re.compile(r"---TRANSACTION \d+, ACTIVE")

# Where libraries do not look at what malloc gave them, all as a process connects to the database for the first
# time: mysql_init asks glibc's getservbyname, which reads what its NSS could not allocate; mysql_real_connect
# copies the server's version, and builds the packet that logs in. Nothing has been done then. And libmariadb does not
# give back all that it had for a result when it cannot have the rest; a plain CGI process, where that is seen, ends.
LIBRARIES, CRASHED, KNOWN = ("libc.", "libmariadb."), "crashed in a library", 3


class Wrong(Exception):
    """What must never be."""


class Place:
    """A site, a way into its database, and a member."""

    def __init__(self, site, database):
        self.site, self.database = site, database
        self.member = Member(site, database)
        self.seen = set()       # the secrets of all answers so far

    def settled(self):
        """Whether no transaction is open, or soon none will be."""
        return until(lambda: not OPEN.search(self.database.do("SHOW ENGINE INNODB STATUS")[0]), 3, 0.001)


@contextlib.contextmanager
def place_of(site):
    with Second(site) as database:
        yield Place(site, database)


class Sweep:
    """One happy path, in one of the two ways."""

    def __init__(self, place, case, way):
        self.place, self.case, self.way = place, case, way(place.site, case.program)
        self.right, self.used, self.live, self.descriptors = None, [], 0, 0
        self.where, self.said = "", []      # of the last request

    def once(self, kind=NOTHING, nth=0):
        """(outcome, what the database knows of it)"""
        variables, body, known = self.place.member.request(self.case)
        outcome = self.way.once(variables, body, kind, nth)
        self.where, self.said = outcome.where, outcome.said
        if outcome.hung:
            raise Wrong("hangs")
        if not self.place.settled():
            raise Wrong("a transaction stays open")
        return outcome, known()

    def good(self):
        """A request without a fault."""
        outcome, known = self.once()
        if self.right is None:
            self.right = plain(outcome.answer)
        if outcome.code != self.case.status or outcome.said or self.tell(outcome, known, NOTHING) != "right":
            raise Wrong(f"without a fault: {outcome} {known}")

    def warm(self):
        """Two good requests, and what stands after them."""
        self.good()
        self.good()
        self.used, self.live, self.descriptors = self.way.used, self.way.page.live, self.way.descriptors

    def tell(self, outcome, known, kind):
        """Which of the outcomes that may be this is."""
        done, nothing = known == self.case.trace[1], not any(known)
        if outcome.status == -signal.SIGSEGV and kind == ALLOC and outcome.where.startswith(LIBRARIES) and nothing:
            return CRASHED
        if not (outcome.status in (None, 0) or outcome.clean_end or (kind == WRITE and not outcome.said)):
            raise Wrong(f"ends by {outcome.status}")
        if not done and not nothing:
            raise Wrong(f"half done, or twice: {known}")
        if not outcome.ended or not whole(outcome.answer):
            return self.tell_end(outcome, kind)
        if plain(outcome.answer) != self.right:
            return self.tell_refusal(outcome, nothing, kind)
        if not done:
            raise Wrong(f"said to be done, and is not: {known}")
        self.check_secrets(outcome, kind)
        return "right"

    def tell_end(self, outcome, kind):
        """No answer, or a part of one that can be seen to be a part."""
        if not self.right.startswith(plain(outcome.answer)):
            raise Wrong(f"a part of another answer: {outcome.answer!r}")
        if outcome.status in (None, 0) and kind not in (READ, WRITE):
            raise Wrong("neither an answer nor an end")
        return "exited" if outcome.status else "dropped"

    def tell_refusal(self, outcome, nothing, kind):
        cut = kind == READ and outcome.code == 400 and self.case.method != "GET"    # the body did not come
        if not cut and (outcome.code != 503 or b"\r\nRetry-After: " not in outcome.answer):
            raise Wrong(f"another answer: {outcome.answer!r}")
        if not nothing and not any("in: COMMIT" in line for line in outcome.said):
            raise Wrong("refused, and done")
        return "refused"

    def check_secrets(self, outcome, kind):
        found = secrets(outcome.answer, self.place.member.user["token"])
        if self.place.seen & set(found) or len(set(found)) < len(found):
            raise Wrong("a secret that was there before")
        self.place.seen |= set(found)
        ours = kind == RANDOM and outcome.where.startswith(self.case.program)
        if found and ours and b"X-Request-ID: none\r" not in outcome.answer:   # only that one may go without
            raise Wrong("a secret without randomness")

    def grown(self):
        """Blocks of memory that the same worker has more than at first, when it has given a good answer again."""
        self.good()
        if self.way.descriptors > self.descriptors:
            raise Wrong("a descriptor stays open")
        return self.way.page.live - self.live

    def fault(self, kind, nth):
        """What comes of the nth call's failure, and whether it has failed."""
        outcome, known = self.once(kind, nth)
        word = self.tell(outcome, known, kind)
        if not outcome.where:
            return word, False
        if outcome.status is None and self.grown() > 0:
            self.check_leak(kind, nth)
        elif outcome.status == 0 and self.way.page.live > self.live:
            if kind == ALLOC and outcome.where.startswith("libmariadb.") and self.way.page.live <= self.live + 2:
                return "left blocks of a library", True
            raise Wrong(f"{self.way.page.live - self.live} blocks are not freed")
        elif outcome.status and isinstance(self.way, Worker):
            self.warm()
        return word, True

    def check_leak(self, kind, nth):
        """What is made once and kept is no leak; what each such fault leaves is."""
        grown = self.grown()
        for _ in range(2):
            self.once(kind, nth)
            now = self.grown()
            if now <= grown:
                self.live += now
                return
            grown = now
        raise Wrong(f"{grown} blocks are not freed")

    def run(self, kind, first=1, step=1):
        """For all N from `first`: (a line that says what came of it, [what must not be])"""
        start, tally, wrong, name = time.monotonic(), collections.Counter(), [], f"{self} {KINDS[kind]}"
        self.warm()
        for nth in itertools.count(first, step):
            try:
                word, failed = self.fault(kind, nth)
            except Wrong as problem:
                word, failed = "WRONG", self.where != ""
                wrong.append(f"{name} {nth}, {self.where}: {problem} {self.said}")
                self.way.end()
                self.warm()
            if not failed and nth > self.used[kind]:    # there are no more
                break
            tally[word] += 1
        if tally[CRASHED] > (KNOWN if isinstance(self.way, Cgi) else 0):
            wrong.append(f"{name}: {tally[CRASHED]} times {CRASHED}")
        words = ", ".join(f"{n} {word}" for word, n in sorted(tally.items())) or "none"
        return f"{name}, N = {first} to {nth - step}: {words}; {time.monotonic() - start:.1f} s", wrong

    def __str__(self):
        return f"{self.case.program} {type(self.way).__name__.lower()} {self.case}"


def sweep(place, case, way, kind, whole_life, step=1):
    """See Sweep.run. Of a CGI process all its life, or from the request on, for the start is that of any other."""
    s = Sweep(place, case, way)
    try:
        s.warm()
        return s.run(kind, 1 if whole_life or way is Worker else s.way.page.before[kind] + 1, step)
    finally:
        s.way.close()


def sweeps(programs):
    """The arguments of all sweeps, the longest first."""
    found, started = [], set()
    for case in CASES:
        if not programs or case.program in programs:
            for kind in range(len(KINDS)):
                found += [(case, Cgi, kind, case.program not in started), (case, Worker, kind, False)]
            started.add(case.program)
    return sorted(found, key=lambda job: (job[2] != ALLOC, not job[3], job[1] is Worker, job[0].method == "GET"))


def work(jobs, results):
    """Sweeps on a site of its own."""
    site = Site()
    try:
        with place_of(site.start()) as place:
            for job in iter(jobs.get, None):
                try:
                    results.put(sweep(place, *job))
                except Exception as problem:
                    results.put((f"{job[0].program} {job[0]}: given up", [repr(problem)]))
    finally:
        site.run("stop")
        site.remove()


def main(programs):
    start, jobs, results, wrong = time.monotonic(), multiprocessing.Queue(), multiprocessing.Queue(), 0
    todo = sweeps(programs)
    places = [multiprocessing.Process(target=work, args=(jobs, results)) for _ in range(2)]
    for job in [*todo, *[None] * len(places)]:
        jobs.put(job)
    for place in places:
        place.start()
    for _ in todo:
        line, problems = results.get()
        print(line, *[f"   {problem}" for problem in problems], sep="\n", flush=True)
        wrong += len(problems)
    for place in places:
        place.join()
    print(f"{len(todo)} sweeps, {time.monotonic() - start:.0f} s: {wrong} outcomes that must not be")
    return wrong > 0 or not todo


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
