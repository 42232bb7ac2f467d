#!/bin/bash
# configure.sh FOLDER [MESON OPTION...]: sets a build up; again only when the list of files or the options changed.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift
list=$(find src tests fuzz web/dist -type f \( -path 'web/dist/*' -o -path 'src/assets/*' -o -name '*.c' -o -name '*.sql' \) 2>/dev/null | LC_ALL=C sort)
stamp="$* ${CC:-} $list"
if [ ! -f "$folder/build.ninja" ]; then
	meson setup "$folder" "$@" >"${TMPDIR:-/tmp}/matinee-meson.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/matinee-meson.$$" >&2; rm -f "${TMPDIR:-/tmp}/matinee-meson.$$"; exit 1; }
	rm -f "${TMPDIR:-/tmp}/matinee-meson.$$"
elif [ "$(cat "$folder/.files" 2>/dev/null)" != "$stamp" ]; then
	meson setup --reconfigure "$folder" "$@" >/dev/null
fi
printf '%s\n' "$stamp" >"$folder/.files"
