"""Figures as rows, printed as they come, and what the benchmarks share: timing a program, building one of the small C programs,
the server and the small library of the end-to-end tests."""
import os, pathlib, resource, statistics, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
sys.path.insert(0, str(TOP / "tests" / "e2e"))
import harness  # the same server and small library as the end-to-end tests use

ROWS = []


def row(name, ours, peer, unit, bar, note="", better="less"):
    """Values of all runs; peer None when there is none. `bar` is a text and a test of (ours, ratio)."""
    mine, theirs = statistics.median(ours), statistics.median(peer) if peer else None
    ratio = mine / theirs if theirs else None
    text, test = bar
    spread = max(ours) / min(ours) if min(ours) > 0 else float("inf") if max(ours) > 0 else 1.0
    ROWS.append({"figure": name, "ours": mine, "peer": theirs, "unit": unit, "ratio": ratio, "spread": spread, "bar": text,
                 "met": None if test is None else bool(test(mine, ratio)), "note": note, "runs": ours, "peer_runs": peer})
    print_row(ROWS[-1])


def print_row(r):
    show = lambda v: "-" if v is None else f"{v:,.4g}" if abs(v) < 1000 else f"{v:,.0f}"
    met = {True: "met", False: "MISSED", None: ""}[r["met"]]
    print(f"{r['figure']:<34}{show(r['ours']):>11}{show(r['peer']):>11} {r['unit']:<9}{show(r['ratio']):>8}  x{r['spread']:<6.2f}{r['bar']:<26}{met:<8}{r['note']}",
          flush=True)


def skipped(name, why):
    print(f"{name:<34}not measured: {why}", flush=True)


def timed(command, **kw):
    """(wall seconds, CPU seconds of it and its children)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=kw.pop("stdin", subprocess.DEVNULL), **kw)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tool(tmp, name, *libraries):
    """Compiles one of the small C programs here."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *libraries], capture_output=True, text=True, check=True).stdout.split() if libraries else []
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", f"{tmp}/{name}", str(HERE / f"{name}.c"), *flags], check=True)
    return f"{tmp}/{name}"


def matinee(server, *args):
    return [harness.MATINEE, "--data", str(server.data), "--quiet", *map(str, args)]
