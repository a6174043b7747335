# SPDX-License-Identifier: ISC
"""What programs count, and /metrics: the text format of Prometheus, for whoever has the key and nobody else."""
import concurrent.futures
import configparser
import math
import os
import re

import pytest
import requests

from accounts import log_in
from conftest import PASSWORD, errors_of, running
from mails import queue
from ways import SOCKETS, WAY
from workers import until, workers

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:[a-z]+="[^"\\\n]*",?)*)\}})? (\S+)')


@pytest.fixture(scope="module")
def counting():
    with running() as site:
        yield site


def key_of(site):
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(site.var / "content.conf")
    return conf["metrics"]["key"]


def scrape(site):
    """The samples, {name: {labels: value}}, after a strict look at the text."""
    answer = requests.get(f"{site.url}/metrics", headers={"Authorization": f"Bearer {key_of(site)}"}, timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return parsed(answer.text)


def parsed(text):
    """As the format has it: each family once, HELP and TYPE first, no series twice, histograms that add up."""
    assert text.endswith("\n") and "\n\n" not in text
    types, samples, family, told = {}, {}, None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in told and len(line.split(None, 3)) == 4
            told.add(family)
        elif line.startswith("# TYPE "):
            assert line.split()[2] == family and family not in types
            types[family] = line.split()[3]
            assert types[family] in ("counter", "gauge", "histogram")
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            base = re.sub("_(bucket|sum|count)$", "", name) if types[family] == "histogram" else name
            assert base == family and (types[family] != "counter" or name.endswith("_total"))
            labels = tuple(sorted(re.findall('([a-z]+)="([^"]*)"', labels or "")))
            assert labels not in samples.setdefault(name, {}), line
            samples[name][labels] = float(value)
            assert math.isfinite(float(value)) and float(value) >= 0
    for family, type in types.items():
        if type == "histogram":
            adds_up(samples, family)
    return samples


def adds_up(samples, family):
    for labels, count in samples[f"{family}_count"].items():
        buckets = [(float(dict(of)["le"]), n) for of, n in samples[f"{family}_bucket"].items()
                   if tuple(l for l in of if l[0] != "le") == labels]
        assert buckets == sorted(buckets) and buckets[-1] == (math.inf, count) and labels in samples[f"{family}_sum"]
        assert [n for _, n in buckets] == sorted(n for _, n in buckets)


def requests_of(samples, program):
    found = {dict(labels)["status"]: n for labels, n in samples["postern_requests_total"].items()
             if dict(labels)["program"] == program}
    return {status: int(n) for status, n in found.items()}


STARTED = {"tags", "login", "user"} if WAY in ("nginx", "proxy") else {"health"}      # asked or not


def grown(before, after, name):
    old = before.get(name, {})      # none yet, where programs are started when they are first asked
    return {"/".join(v for _, v in labels): int(n - old.get(labels, 0)) for labels, n in after[name].items()
            if n > old.get(labels, 0)}


def test_requests_are_counted_by_program_and_status(counting):
    before = scrape(counting)
    for _ in range(7):
        assert counting.api("GET", "/tags").status_code == 200
    for _ in range(3):
        assert counting.api("GET", "/tags.fcgi/none").status_code == 404
    after = scrape(counting)
    assert grown(before, after, "postern_requests_total") == {
        "content/tags/2xx": 7, "content/tags/4xx": 3, "content/health/2xx": 1}
    assert grown(before, after, "postern_request_duration_seconds_count") == {"content/tags": 10, "content/health": 1}
    seconds = [n - before["postern_request_duration_seconds_sum"].get(labels, 0)
               for labels, n in after["postern_request_duration_seconds_sum"].items() if ("program", "tags") in labels]
    assert 0 < seconds[0] < 10


def test_logins(counting):
    user = counting.register()
    before = scrape(counting)
    for password in PASSWORD, PASSWORD, "wrong", "wrong", "wrong":
        log_in(counting, user["email"], password)
    requests.get(f"{counting.url}/login", timeout=10)       # no try
    assert grown(before, scrape(counting), "postern_logins_total") == {"good": 2, "refused": 3}


def test_mails(counting):
    counting.mails()
    queue(counting, "test", "somebody@example.net")
    before = scrape(counting)
    assert len(counting.mails()) == 1
    assert grown(before, scrape(counting), "postern_mails_total") == {"sent": 1}


@SOCKETS
def test_nothing_is_lost_among_workers(counting):
    """Many at once, on all workers of a program, each counted; also by one that was killed meanwhile."""
    before = scrape(counting)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: counting.api("GET", "/user").status_code, range(400)))
    assert codes == [401] * 400
    assert until(lambda: grown(before, scrape(counting), "postern_requests_total").get("credentials/user/4xx") == 400)
    counting.expect(r"Child\[\d\] died, respawn")
    for pid in workers(counting, "user"):
        os.kill(pid, 9)
    assert until(lambda: counting.api("GET", "/user").status_code == 401)
    assert until(lambda: requests_of(scrape(counting), "user")["4xx"] > requests_of(before, "user")["4xx"] + 400)


@pytest.mark.parametrize("header,said", [
    (None, "is missing"), ("Bearer wrong", "is invalid"), ("Token {key}x", "is invalid"), ("Basic eDp5", "is missing"),
    ("Bearer {prefix}", "is invalid")])
def test_for_whoever_has_the_key_alone(counting, header, said):
    key = key_of(counting)
    headers = {"Authorization": header.format(key=key, prefix=key[:-1])} if header else {}
    assert errors_of(requests.get(f"{counting.url}/metrics", headers=headers, timeout=10), 401) == {"token": [said]}


def test_without_a_key_there_is_no_such_path():
    """By default: nobody asked for it. Nothing is counted either."""
    def prepare(site):
        (site.var / "content.conf").write_text("[database]\nuser = postern_content\npassword = "
                                               "0123456789abcdef0123456789abcdef\n")
        (site.var / "content.conf").chmod(0o400)
    with running({"POSTERN_METRICS_FOLDER": ""}, prepare) as site:
        for headers in {}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}:
            assert errors_of(requests.get(f"{site.url}/metrics", headers=headers, timeout=10), 404)
        assert not (site.var / "run/metrics").exists()


def test_files_of_others_are_not_trusted(counting):
    """A class may write what it likes below its own folder: no other file is read by that, and no line breaks."""
    folder = counting.var / "run/metrics"
    good = (folder / "content/tags.counts1").read_bytes()
    (folder / "content/link.counts1").symlink_to("/etc/passwd")
    (folder / "content/short.counts1").write_bytes(good[:-1])
    (folder / 'content/a"b.counts1').write_bytes(good)
    (folder / "content/old.counts0").write_bytes(good)
    os.mkfifo(folder / "content/pipe.counts1")
    (folder / "content/login.counts1").write_bytes(good)
    samples = scrape(counting)
    programs = {dict(l)["program"] for l in samples["postern_requests_total"]}
    assert not programs & {"link", "short", "old", "pipe", "a"} and STARTED <= programs
    assert len(samples["postern_logins_total"]) == 2        # that of the class credentials alone
    for name in "link.counts1", "short.counts1", 'a"b.counts1', "old.counts0", "pipe.counts1", "login.counts1":
        (folder / "content" / name).unlink()


def test_counted_where_each_request_is_a_process():
    with running({"WEB": "cgi"}) as site:
        for _ in range(3):
            site.api("GET", "/tags")
        assert requests_of(scrape(site), "tags")["2xx"] == 3


def test_counts_stay_over_a_restart(counting):
    before = requests_of(scrape(counting), "user")
    counting.stop()
    counting.start()
    assert requests_of(scrape(counting), "user") == before
