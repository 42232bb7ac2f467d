#!/bin/bash
# deps.sh GROUP...: installs the Debian packages of the groups build, run, test, bench that are missing. A second run only asks dpkg.
set -u

build="gcc libc6-dev make meson ninja-build pkg-config python3 ca-certificates libavformat-dev libavcodec-dev libavfilter-dev
	libswscale-dev libswresample-dev libavutil-dev libsqlite3-dev libmicrohttpd-dev libjansson-dev libyaml-dev libxxhash-dev libebur128-dev
	zlib1g-dev libcmocka-dev"
run="ffmpeg espeak-ng fonts-dejavu-core"
test="mkvtoolnix jdupes rmlint clang libclang-rt-14-dev mpv vlc-bin vlc-plugin-base vlc-plugin-video-output chromium nginx-light xmltv-util valgrind curl libdvbpsi-dev libva-dev libffmpeg-nvenc-dev libmfx-dev xfsprogs btrfs-progs hdhomerun-config"
bench="python3-guessit" # the peer of names; others are in test

node_is_new() {
	local version
	version=$(node --version 2>/dev/null) || return 1
	version=${version#v}
	[ "${version%%.*}" -ge 18 ]
}

wanted=
for group in "$@"; do
	case $group in
	build) wanted="$wanted $build"; node_is_new && command -v npm >/dev/null || wanted="$wanted nodejs npm" ;;
	run) wanted="$wanted $run" ;;
	test) wanted="$wanted $test" ;;
	bench) wanted="$wanted $bench" ;;
	*) echo "deps: no group '$group'; there are build, run, test, bench" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is not Debian; make sure that these are there (Debian's names): $wanted" >&2
	exit 0
fi

# shellcheck disable=SC2086 # words on purpose
have=" $(dpkg-query -W -f '${db:Status-Abbrev}:${Package} ' $wanted 2>/dev/null)"
missing=
for package in $wanted; do
	case $have in
	*"ii :$package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -z "$missing" ] && exit 0

root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: these packages are missing and neither root nor sudo is at hand:$missing" >&2
		exit 1
	fi
	root=sudo
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$root apt-get -o APT::Update::Error-Mode=any -qq update &&
	$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install $missing >/dev/null ||
	{ echo "deps: apt-get could not install:$missing" >&2; exit 1; }
