#!/usr/bin/env python3
"""Includes run one way: a folder of src/ may include only itself and what stands above it; and some libraries
belong to some folders only. Prints each breach, exits 1 when there is one."""
import os, re, sys

ORDER = ["base", "store", "media", "jobs", "library", "stream", "station"]
SIBLINGS = ["sync", "player", "sources", "disc", "agent"]
TOP = ["server", "tui", "cli"]
ONLY_IN = {r"libav|libsw": {"media", "stream", "disc"}, r"curses": {"tui"}, r"microhttpd": {"server"},
           r"sqlite3": {"store"}, r"cmocka": set()}


def allowed(folder):
    if folder == "":
        return set(ORDER + SIBLINGS + TOP)
    if folder in ORDER:
        return set(ORDER[:ORDER.index(folder) + 1])
    if folder in SIBLINGS:
        return set(ORDER + [folder])
    return set(ORDER + SIBLINGS + TOP[:TOP.index(folder) + 1])


src = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src")
breaches = 0
for where, _, names in os.walk(src):
    folder = os.path.relpath(where, src).split(os.sep)[0].replace(".", "")
    for name in sorted(names):
        if not name.endswith((".c", ".h")):
            continue
        path = os.path.join(where, name)
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if not m:
                continue
            bad = None
            if m[1] == '"' and "/" in m[2] and m[2].split("/")[0] not in allowed(folder):
                bad = f"{folder or 'src'} may not include {m[2]}"
            for pattern, folders in ONLY_IN.items():
                if m[1] == "<" and re.match(pattern, m[2]) and folder not in folders:
                    bad = f"<{m[2]}> belongs to {', '.join(sorted(folders)) or 'tests'} only"
            if bad:
                print(f"{os.path.relpath(path)}:{number}: {bad}")
                breaches += 1
sys.exit(1 if breaches else 0)
