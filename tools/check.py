#!/usr/bin/env python3
"""check.py: builds with gcc and clang, runs every suite there is, says what failed, ends with one line of sums.

    --only NAME,...       some steps only (see --list)       --fuzz-seconds N   per fuzzer (4)
    --list                names of the steps                  --keep-going is how it always is: one failure stops nothing

Steps that mostly compute or wait run four at a time. The players come after them, because they watch the clock: a module of theirs that
says `BESIDE = 40` takes about so many seconds, mostly waits in real time, and runs beside another such one; the rest run alone. What a
step printed is in build-check/<step>.log. Not here: what is tested; each suite is found by its folder."""
import argparse, concurrent.futures, glob, json, os, re, shutil, subprocess, sys, tempfile, threading, time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(TOP, "build-check")
GCC, CLANG, FUZZ = "build-gcc", "build-clang", "build-fuzz"
SANITIZE = {"ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
            "LSAN_OPTIONS": "print_suppressions=0:suppressions=" + os.path.join(TOP, "tools", "lsan.supp")}
MEDIA = os.path.join(LOGS, "media")  # what the unit tests of both compilers play
LOGGING = threading.Lock()


class Sum:
    def __init__(self, passed=0, failed=0, skipped=0, notes=()):
        self.passed, self.failed, self.skipped, self.notes = passed, failed, skipped, list(notes)

    def add(self, other):
        self.passed, self.failed, self.skipped = (self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)
        self.notes += other.notes


def run(step, command, env=None, cwd=TOP, timeout=1500):
    """Exit status (124 when it took too long) and all it printed, also kept in the log."""
    try:
        done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout)
        code, text = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, text = 124, (late.stdout or b"").decode("utf-8", "replace") + f"\nno end after {timeout} s\n"
    with LOGGING, open(os.path.join(LOGS, step.replace(" ", "-") + ".log"), "a", encoding="utf-8", errors="replace") as log:
        log.write("$ " + " ".join(command) + "\n" + text)
    return code, text


def one(step, command, **kw):
    """A check that passes or fails as a whole."""
    code, text = run(step, command, **kw)
    return Sum(passed=1) if code == 0 else Sum(failed=1, notes=[f"{step}: exit {code}\n" + "\n".join(text.strip().split("\n")[-12:])])


def build(step, folder, compiler, targets, *options):
    env = {"CC": compiler}
    code, text = run(step, ["tools/configure.sh", folder, "-Dwerror=true", *options], env)
    if code == 0:
        code, text = run(step, ["ninja", "-k", "0", "-C", folder, *targets], env)
    if code == 0:
        return Sum(passed=1)
    errors = [l for l in text.split("\n") if re.search(r"(error|warning):|FAILED:|undefined reference|ERROR", l)]
    return Sum(failed=1, notes=[f"{step}: {compiler} is not content\n" + "\n".join((errors or text.strip().split("\n"))[:12])])


def unit(step, folder, env=None):
    """cmocka cases, two programs at a time, for some mostly wait: each program's own count, or the program itself when it died."""
    run(step, ["meson", "test", "-C", folder, "--num-processes", "2", "--no-rebuild"], env)
    total = Sum()
    try:
        rows = [json.loads(l) for l in open(os.path.join(TOP, folder, "meson-logs", "testlog.json"), encoding="utf-8")]
    except OSError:
        return Sum(failed=1, notes=[f"{step}: the tests did not run; see {LOGS}/{step}.log"])
    for row in rows:
        text = row.get("stdout", "") + row.get("stderr", "")
        good, bad, skip = (len(re.findall(p, text)) for p in (r"\[ +OK \]", r"\[  FAILED  \] \w+$(?=.*)", r"\[  SKIPPED \]"))
        bad = len(re.findall(r"^\[  FAILED  \] (?!\d)[\w.]+$", text, re.M)) // 2 or int(row["returncode"] != 0)
        total.add(Sum(good, bad, skip // 2))
        if row["returncode"] != 0:
            total.notes.append(f"{step}: {row['name']} ({row['result']})\n" + "\n".join(
                l for l in text.split("\n") if re.search(r"FAILED|ERROR|error|[Aa]ssert| != |runtime", l))[:1500])
    return total


def complaints(text):
    """What unittest says of each test that failed: its name, the lines it passed through, and what was not so."""
    for part in re.split(r"^={70}$", text.split("\n\nRan ")[0], flags=re.M)[1:]:
        name, _, trace = part.strip("\n").partition("\n" + "-" * 70 + "\n")
        trace = trace.split("\n" + "-" * 70)[0].strip("\n")
        frames = list(re.finditer(r'^ +File "([^"]*)", line (\d+), in .*\n(?:    .*\n?)*', trace, re.M))
        why = [line[:400] for line in trace[frames[-1].end() if frames else 0:].strip("\n").split("\n")]
        way = " > ".join(f"{os.path.basename(f[1])}:{f[2]}" for f in frames if "/unittest/" not in f[1])
        yield name.split("\n")[0] + "".join(f"\n    {line}" for line in [way] * bool(way) + (why if len(why) < 16 else why[:10] + ["..."] + why[-5:]))


def scripts(step, folder, env=None, timeout=1500, modules=()):
    """Python suites, or some modules of one: unittest's own count."""
    what = ["-v", *modules] if modules else ["discover", "-s", folder, "-t", folder, "-v"]
    code, text = run(step, [sys.executable, "-B", "-m", "unittest", *what], {**(env or {}), "PYTHONPATH": os.path.join(TOP, folder)}, timeout=timeout)
    ran = re.search(r"^Ran (\d+) test", text, re.M)
    if not ran:
        return Sum(failed=1, notes=[f"{step}: did not run\n" + "\n".join(text.split("\n")[-12:])])
    count = lambda word: sum(int(n) for n in re.findall(rf"{word}=(\d+)", text.split("\n\nRan ")[-1] if "\n\nRan " in text else text))
    bad, skipped = count("failures") + count("errors") + count("unexpected successes"), count("skipped")
    notes = [f"{step}: {said}" for said in complaints(text)]
    if code and not bad:
        bad = 1
        notes.append(f"{step}: exit {code}")
    for name, why in re.findall(r"^(\w+) \(.*\).*\.\.\. skipped '(.*)'$", text, re.M):
        notes.append(f"{step}: skipped {name}: {why}")
    return Sum(max(0, int(ran[1]) - bad - skipped), bad, skipped, notes)


def players(step, folder, env):
    """Two at a time the modules that may, the longest first, then the rest. Those that watch the one house of a run stay together."""
    begun, total = time.monotonic(), Sum()
    texts = {os.path.basename(p)[:-3]: open(p, encoding="utf-8").read() for p in sorted(glob.glob(os.path.join(TOP, folder, "test_*.py")))}
    beside = {name: int(found[1]) for name, text in texts.items() if (found := re.search(r"^BESIDE = (\d+)", text, re.M))}
    house = [name for name in beside if "harness.house()" in texts[name]]
    groups = sorted([[name] for name in beside if name not in house] + [house] * bool(house), key=lambda group: -sum(map(beside.get, group)))
    with tempfile.TemporaryDirectory(prefix="matinee-e2e-library.") as library, concurrent.futures.ThreadPoolExecutor(2) as pool:
        go = lambda modules: scripts(step, folder, {**env, "E2E_LIBRARY": library}, max(60, 1500 - (time.monotonic() - begun)), modules)
        for result in [*pool.map(go, groups), go([name for name in texts if name not in beside])]:
            total.add(result)
    return total


def page(step):
    if not os.path.exists(os.path.join(TOP, "web", "package.json")):
        return Sum()
    if not shutil.which("npm"):
        return Sum(skipped=1, notes=[f"{step}: skipped: no npm here"])
    total, web = Sum(), os.path.join(TOP, "web")
    known = json.load(open(os.path.join(web, "package.json"), encoding="utf-8")).get("scripts", {})
    if "check" in known:
        total.add(one(step, ["npm", "run", "--silent", "check"], cwd=web))
    if "test" in known:
        code, text = run(step, ["npm", "run", "--silent", "test"], cwd=web)
        found = {w: sum(map(int, re.findall(rf"^(?:#|ℹ) {w} (\d+)", text, re.M))) for w in ("pass", "fail", "skipped")}
        bad = found["fail"] or int(code != 0)
        total.add(Sum(found["pass"], bad, found["skipped"],
                      [f"{step}: " + l.strip() for l in text.split("\n") if re.match(r"\s*(not ok|✖)", l)][:10] if bad else []))
    return total


def fuzz(step, seconds):
    total = build(step, FUZZ, "clang", [], "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dfuzzers=true", "-Dtests=false")
    if total.failed:
        return total
    for source in sorted(glob.glob(os.path.join(TOP, "fuzz", "**", "fuzz_*.c"), recursive=True)):
        name = os.path.basename(source)[:-2]
        binary = os.path.join(TOP, FUZZ, os.path.relpath(source, TOP).replace("/", "_").replace(".", "_"))
        seeds = os.path.join(os.path.dirname(source), "corpus", name[5:])
        work = os.path.join(LOGS, "corpus", name)
        os.makedirs(work, exist_ok=True)
        command = [binary, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0",
                   f"-artifact_prefix={work}-", work] + ([seeds] if os.path.isdir(seeds) else [])
        result = one(step, command, env=SANITIZE, timeout=seconds + 120)
        result.notes = [n.replace(step, f"{step} {name}", 1) for n in result.notes]
        total.add(result)
    return total


def steps(args):
    """name, what it is, how: 'first' in order before the rest, 'beside' four at a time, 'alone' at the end."""
    plain, checked = ({"MATINEE": os.path.join(TOP, f, "matinee")} for f in (GCC, CLANG))
    checked = {**checked, **SANITIZE}
    tests = glob.glob(os.path.join(TOP, "tests", "**", "test_*.c"), recursive=True)
    names = ["matinee", "test-drivers"] + [os.path.relpath(t, TOP).replace("/", "_").replace(".", "_") for t in tests]
    table = [
        ("includes", "first", lambda: one("includes", [sys.executable, "tools/check_includes.py"])),
        ("sizes", "first", lambda: one("sizes", [sys.executable, "tools/check_sizes.py"])),
        ("page-build", "first", lambda: one("page-build", ["tools/page.sh"])),
        ("gcc", "first", lambda: build("gcc", GCC, "gcc", names)),
        ("clang", "first", lambda: build("clang", CLANG, "clang", names, "-Db_sanitize=address,undefined", "-Db_lundef=false")),
        ("unit-asan", "beside", lambda: unit("unit-asan", CLANG, {**checked, "TEST_MEDIA": MEDIA})),  # the longest first
        ("unit", "beside", lambda: unit("unit", GCC, {**plain, "TEST_MEDIA": MEDIA})),
        ("cli-asan", "beside", lambda: scripts("cli-asan", "tests/cli", checked)),
        ("cli", "beside", lambda: scripts("cli", "tests/cli", plain)),
        ("fuzz", "beside", lambda: fuzz("fuzz", args.fuzz_seconds)),
        ("page", "beside", lambda: page("page")),
        ("e2e", "alone", lambda: players("e2e", "tests/e2e", plain)),
    ]
    return [row for row in table if not args.only or row[0] in args.only.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--fuzz-seconds", type=int, default=4)
    args = parser.parse_args()
    table = steps(args)
    if args.list:
        print("\n".join(name for name, _, _ in table))
        return 0
    if not table:
        sys.exit(f"check: no step is called {args.only}; see --list")
    shutil.rmtree(MEDIA, ignore_errors=True)
    os.makedirs(MEDIA)
    for old in glob.glob(os.path.join(LOGS, "*.log")):
        os.unlink(old)
    total, began = Sum(), time.monotonic()

    def go(row):
        start = time.monotonic()
        try:
            result = row[2]()
        except Exception as problem:  # a broken step is a failure of that step, not of the others
            result = Sum(failed=1, notes=[f"{row[0]}: {type(problem).__name__}: {problem}"])
        skipped = f", {result.skipped} skipped" if result.skipped else ""
        print(f"{row[0]:<12}{result.passed:>6} passed, {result.failed} failed{skipped}  ({time.monotonic() - start:.0f} s)", flush=True)
        return result

    results = [go(row) for row in table if row[1] == "first"]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results += pool.map(go, [row for row in table if row[1] == "beside"])
    results += [go(row) for row in table if row[1] == "alone"]
    shutil.rmtree(MEDIA, ignore_errors=True)
    for result in results:
        total.add(result)
    if total.notes:
        print("\n" + "\n".join(total.notes))
        print(f"\n(all that was printed: {os.path.relpath(LOGS)}/*.log)")
    print(f"\nchecked in {time.monotonic() - began:.0f} s")
    print(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
