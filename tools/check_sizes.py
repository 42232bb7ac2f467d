#!/usr/bin/env python3
"""Nothing grows without end: a source file and the body of a function have a most of lines. In tests a function may be longer, for
it walks a table. Prints each breach, exits 1 when there is one."""
import os, sys

#          folder: lines of a file, of a function's body
MOST = {"src": (500, 50), "fuzz": (500, 50), "bench": (500, 50), "tests": (700, 80)}


def functions(lines):
    """Name's line (from 1) and lines of the body; by clang-format's layout both braces stand alone at the margin."""
    begin = None
    for number, line in enumerate(lines):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            yield begin, number - begin - 1
            begin = None


top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
breaches = 0
for folder, (most_file, most_function) in MOST.items():
    for where, _, names in os.walk(os.path.join(top, folder)):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(where, name)
            lines = open(path, encoding="utf-8").read().split("\n")
            found = [(1, "file", len(lines) - 1, most_file)] if len(lines) - 1 > most_file else []
            found += [(at, "function", n, most_function) for at, n in functions(lines) if n > most_function]
            for at, what, n, most in found:
                print(f"{os.path.relpath(path)}:{at}: a {what} of {n} lines; at most {most}")
                breaches += 1
sys.exit(1 if breaches else 0)
