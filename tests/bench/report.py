# SPDX-License-Identifier: ISC
"""What make bench found, as tables in Markdown, as a chart, and beside what was wanted."""
import os
import pathlib
import re

from scaling import STARVED
from servers import TITLES

# {scenario: {beside whom: how many times as fast, at least}}
FASTER = {"gate-jwt": {"floor": 0.9, "flask": 12, "php": 2.5}, "user": {"floor": 0.65, "flask": 10, "php": 2},
          "articles": {"floor": 0.25, "flask": 15, "php": 2}, "articles-1e6": {"floor": 0.25, "flask": 15, "php": 2},
          "article": {"floor": 0.45, "flask": 12, "php": 2}, "home": {"floor": 0.2, "flask": 12, "php": 2},
          "article-post": {"flask": 4, "php": 1.2}}
LOGIN = 0.95            # of what one core's crypt() makes
MEMORY = {("postern", "flask"): 0.2, ("postern_same", "flask"): 0.1, ("postern", "php"): 0.5}
CGI = {"postern": 6, "postern-static": 4}       # times the constant
COLOURS = {"floor": "#8a8f98", "postern": "#2f7d6b", "flask": "#c2703d", "php": "#6f6fc0", "node": "#b0903c"}


def machine():
    cpu = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = int(re.search(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.M)[1])
    return (f"{os.cpu_count()} x {cpu[1] if cpu else os.uname().machine}, {memory / 2**20:.1f} GiB, Linux"
            f" {os.uname().release.split('-')[0]}")


def entry(what, beside, wanted, found, least=True):
    sign = "≥" if least else "≤"
    return {"scenario": what, "beside": beside, "wanted": f"{sign} {wanted:g}", "found": round(found, 3),
            "met": bool(found >= wanted if least else found <= wanted)}


def targets(out):
    """What was wanted, what was found, and whether that is enough."""
    rps = {s["name"]: s["rps"] for s in out["scenarios"]}
    found = [entry(name, beside, wanted, rps[name]["postern"] / rps[name][beside])
             for name, each in FASTER.items() if name in rps for beside, wanted in each.items()]
    found += [entry(f"{name} anew", beside, wanted, out["beside"][f"{name} anew"]["rps"] / rps[name][beside])
              for name in ("articles", "home") for beside, wanted in FASTER[name].items()]
    found.append(entry("login", "crypt() of one core", LOGIN, rps["login"]["postern"] / out["crypt_rps"]))
    reads = out["reads_beside_logins"]
    for path, idle in reads["idle_p99_ms"].items():
        found.append(entry(f"p99 in ms of {path} beside logins", "3 x idle, or 15", round(max(3 * idle, 15), 1),
                           reads["busy_p99_ms"][path], least=False))
    for (ours, theirs), most in MEMORY.items():
        title = "PSS" if ours == "postern" else "PSS of what has a counterpart"
        found.append(entry(title, theirs, most, out["pss_mb"][ours] / out["pss_mb"][theirs], least=False))
    for ours, most in CGI.items():
        found.append(entry("plain CGI, " + ours, "constant", most, out["cgi"][ours]["p50_ms"] / out["cgi"]["constant"]["p50_ms"],
                           least=False))
    for connections, each in out.get("scaling", {}).get("connections", {}).items():
        for name, one in each.items():
            found.append(entry(f"{name}, {connections} connections", "p99.9 to p50", STARVED, one["times"], least=False))
            found.append(entry(f"{name}, {connections} connections", "answers that failed", 0,
                               one["refused"] + one["late"] + one["broken"], least=False))
    return found


def markdown(head, rows):
    """A table; all columns but the first two to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    wide = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    put = lambda row: "| " + " | ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, wide))) + " |"    # noqa: E731
    return "\n".join([put(head), "|" + "|".join("-" * (w + 2) if i < 2 else "-" * (w + 1) + ":" for i, w in enumerate(wide)) + "|",
                      *map(put, rows)])


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main_table(out):
    rows = []
    for s in out["scenarios"]:
        for name in s["rps"] if s["name"] != "cgi" else ():     # it has a table of its own
            rows.append([s["name"], TITLES[name], number(s["rps"][name]), f"{number(s['lowest'][name])}–{number(s['highest'][name])}",
                         *(number(s[c][name]) for c in ("p50_ms", "p99_ms", "p999_ms", "cpu_s_per_1000", "pss_mb"))])
    return markdown(["scenario", "server", "requests/s", "lowest–highest", "p50 ms", "p99 ms", "p99.9 ms", "CPU s/1000", "PSS MB"], rows)


def beside_table(out):
    rows = [[name, "Postern", number(each["rps"]), *(number(each[c]) for c in ("p50_ms", "p99_ms", "p999_ms"))]
            for name, each in out["beside"].items()]
    return markdown(["beside", "server", "requests/s", "p50 ms", "p99 ms", "p99.9 ms"], rows)


def cgi_table(out):
    base = out["cgi"]["constant"]["p50_ms"]
    rows = [[name, "a process", *(f"{each[c]:.2f}" for c in ("p50_ms", "p99_ms", "cpu_ms")), f"{each['p50_ms'] / base:.1f}"]
            for name, each in out["cgi"].items() if name != "libraries_ms"]
    rows += [[name, "a library alone", f"{base + ms:.2f}", "", "", f"{(base + ms) / base:.1f}"]
             for name, ms in out["cgi"]["libraries_ms"].items()]
    return markdown(["plain CGI", "", "p50 ms", "p99 ms", "CPU ms", "to constant"], rows)


def scaling_tables(out):
    if "scaling" not in out:
        return []
    rows = [[name, connections, number(one["rps"]), number(one["p50_ms"]), number(one["p999_ms"]), one["times"],
             one["refused"] + one["late"] + one["broken"]]
            for connections, each in out["scaling"]["connections"].items() for name, one in each.items()]
    more = [[f"{n} workers of user.fcgi", "user", number(rps)] for n, rps in out["scaling"]["workers"].items()]
    more += [[f"{n:,} articles", name, number(rps)] for n, each in out["scaling"].get("rows", {}).items() for name, rps in each.items()]
    return [markdown(["scaling", "connections", "requests/s", "p50 ms", "p99.9 ms", "times", "failed"], rows),
            markdown(["scaling", "scenario", "requests/s"], more)]


def table(out):
    wanted = [[t["scenario"], TITLES.get(t["beside"], t["beside"]), t["wanted"], f"{t['found']:g}", "yes" if t["met"] else "NO"]
              for t in out["targets"]]
    workers = "; ".join(f"for {kind} " + ", ".join(f"{TITLES[name]} {max(each, key=each.get)}" for name, each in found.items())
                        for kind, found in out["workers"].items())
    statements = [[what, "", *(each.get(what, "–") for each in out["statements"].values())] for what in out["statements"]["postern"]]
    return "\n\n".join([
        f"{out['machine']}; {out['date']}; {out['seconds']} seconds{', make bench-quick' if out['quick'] else ''}."
        f" Workers: Postern and the floor as shipped, {workers}. One core's crypt(): {out['crypt_rps']} a second.",
        main_table(out), beside_table(out), cgi_table(out), *scaling_tables(out),
        markdown(["statements of an answer", "", *(TITLES[n] for n in out["statements"])], statements),
        markdown(["target", "beside", "wanted", "found", "met"], wanted)])


def bar(y, scale, name, rps):
    width = max(1, 430 * rps / scale)
    return (f'<text x="176" y="{y + 10}" text-anchor="end" class="small">{TITLES[name]}</text>'
            f'<rect x="184" y="{y}" width="{width:.1f}" height="12" rx="2" fill="{COLOURS[name]}"/>'
            f'<text x="{190 + width:.1f}" y="{y + 10}" class="small">{number(rps)}</text>')


def chart(out):
    """Bars for each scenario, whose longest is as long as any other's; in light and dark."""
    parts, y = [], 62
    for s in out["scenarios"]:
        parts.append(f'<text x="16" y="{y + 10}" class="name">{s["name"]}</text>')
        for name, rps in s["rps"].items():
            parts.append(bar(y, max(s["rps"].values()), name, rps))
            y += 16
        y += 12
    return (f'<!-- SPDX-License-Identifier: ISC -->\n<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}"'
            f' viewBox="0 0 720 {y}" role="img" aria-label="Requests per second of Postern and its peers">\n'
            "<style>text{font:13px sans-serif;fill:#24292f}.small{font-size:12px}.name{font-weight:bold}"
            "@media(prefers-color-scheme:dark){text{fill:#e6e8eb}}</style>\n"
            '<text x="16" y="24" class="name">Requests per second: more is better</text>\n'
            f'<text x="16" y="44" class="small">{out["date"]}, {out["machine"].replace("&", "&amp;").replace("<", "&lt;")}{", make bench-quick" if out["quick"] else ""}</text>\n'
            + "\n".join(parts) + "\n</svg>\n")
