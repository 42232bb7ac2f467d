#!/bin/bash
# run.sh BINARY DATA ADDRESS:PORT [LIBRARY]: on the air. Without a library the demo is made (once).
#
# The server starts first; folders and channels are put in behind it, through its socket, and only what is not there yet.
# A second start does nothing but start the server and ask it two questions.
set -u
binary=$1 data=$2 listen=$3 library=${4:-}
mkdir -p "$data" || exit 1
data=$(cd "$data" && pwd)

if [ -z "$library" ]; then
	python3 tools/demo.py demo || exit 1
	folders=("$PWD/demo/Films:movies" "$PWD/demo/Shows:shows" "$PWD/demo/Commercials:commercials" "$PWD/demo/Bumpers:bumpers")
elif [ ! -d "$library" ]; then
	echo "run: LIBRARY=$library is not a folder" >&2
	exit 1
else
	folders=("$(cd "$library" && pwd):auto")
fi

matinee() { "$binary" --data "$data" --quiet "$@"; }

# A killed server leaves its socket behind; ours is newer than this start.
answers() { [ -S "$data/control.sock" ] && [ "$data/control.sock" -nt "$data/.started" ]; }

furnish() {
	local server=$1 known folder new=
	while ! answers; do
		kill -0 "$server" 2>/dev/null || return
		sleep 0.05
	done
	kill -0 "$server" 2>/dev/null || return
	known=$(matinee root list) || return
	for folder in "${folders[@]}"; do
		case "$known" in
		*"${folder%:*}"*) ;;
		*) matinee root add "${folder%:*}" --kind "${folder##*:}" && new=1 ;;
		esac
	done
	if [ -n "$new" ]; then # the server walks by itself when a folder is added; channels choose their frame rate from what is there
		for _ in $(seq 120); do
			matinee scan 2>/dev/null && break
			sleep 0.5
		done
	fi
	if [ -z "$(matinee channel list)" ]; then
		matinee channel add "Matinee One" --number 1 --order shuffle
		matinee channel add "Serial" --number 2 --kind show --order order
		matinee channel add "Picture House" --number 3 --kind movie --order loop
	fi
}

: >"$data/.started"
furnish $$ </dev/null >/dev/null &
exec "$binary" --data "$data" serve --listen "$listen"
