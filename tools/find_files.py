#!/usr/bin/env python3
"""find_files.py FOLDER ENDING [PREFIX]: files below FOLDER (relative to the project) by name, sorted, one a line."""
import os, sys

folder, ending = sys.argv[1], sys.argv[2]
prefix = sys.argv[3] if len(sys.argv) > 3 else ""
top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
for where, dirs, names in sorted(os.walk(os.path.join(top, folder))):
    dirs.sort()
    for name in sorted(names):
        if name.endswith(ending) and name.startswith(prefix):
            print(os.path.relpath(os.path.join(where, name), top))
