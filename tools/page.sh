#!/bin/bash
# page.sh: builds the page in web/ into web/dist when something in it is newer. Without node it says so and the rest is built.
set -eu
cd "$(dirname "$0")/../web" 2>/dev/null || exit 0
[ -f package.json ] || exit 0

made=dist/index.html
if [ -f $made ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./test -prune -o -path ./dev -prune \
	-o -newer $made -type f -print -quit)" ]; then
	exit 0
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "page: node and npm are missing, so the page in the browser is not built (streams and commands work); 'make deps' installs them" >&2
	exit 0
fi
needs=$(node -p "try { require('./package.json').engines.node } catch { '' }")
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "page: installing its packages"
	npm ci --no-audit --no-fund --silent
	touch node_modules/.package-lock.json
fi
echo "page: building"
if ! log=$(npm run --silent build 2>&1); then
	printf '%s\n' "$log" >&2
	echo "page: the build failed with node $(node --version)${needs:+ (it needs $needs)}" >&2
	exit 1
fi
touch $made
