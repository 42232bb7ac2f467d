# The front door; Meson and Ninja work underneath.
#
#   make          build/matinee              make check    everything that can be tested
#   make run      on the air, with a demo    make bench    figures beside those of the peers
#   make soak     the long forms of tests (SECONDS=600 each)
#   make deps     packages that are missing  make install  PREFIX=/usr/local DESTDIR= (uninstall: the same)
#
# make run takes LIBRARY=DIR (your own videos), PORT=8080, DATA=DIR, LISTEN=ADDRESS.

SHELL   := /bin/bash
BUILD   ?= build
PREFIX  ?= /usr/local
PORT    ?= 8080
LISTEN  ?= 127.0.0.1
LIBRARY ?=
DATA    ?= data/$(if $(LIBRARY),library,demo)
MATINEE  = $(BUILD)/matinee

.PHONY: all deps page configure run check bench soak fuzz install uninstall clean
.NOTPARALLEL:

all: page configure
	@ninja -C $(BUILD) -n matinee 2>/dev/null | grep -q 'no work to do' || ninja -C $(BUILD) matinee

deps:
	@tools/deps.sh build run

page:
	@tools/page.sh

# The build is set up again when a source, a test or a file of the page comes or goes.
configure:
	@tools/configure.sh $(BUILD)

run: deps all
	@exec tools/run.sh "$(MATINEE)" "$(DATA)" "$(LISTEN):$(PORT)" "$(LIBRARY)"

check:
	@tools/deps.sh build run test
	@python3 tools/check.py

bench:
	@tools/deps.sh build run test bench
	@tools/configure.sh build-bench -Dbuildtype=release -Dtests=false
	@ninja -C build-bench matinee
	@python3 bench/run.py --matinee build-bench/matinee

soak: all
	@tools/deps.sh build run test
	@for part in demo soak faults step_down month; do MATINEE=$(abspath $(MATINEE)) MATINEE_SOAK=$(or $(SECONDS),600) \
		python3 -B -m unittest discover -v -s tests/e2e -t tests/e2e -p "test_$$part.py" || failed=1; done; exit $${failed:-0}

fuzz:
	@tools/deps.sh build test
	@python3 tools/check.py --only fuzz --fuzz-seconds $(or $(SECONDS),60)

install: all
	install -Dm755 $(MATINEE) $(DESTDIR)$(PREFIX)/bin/matinee
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
		$(DESTDIR)$(PREFIX)/lib/systemd/system
	$(MATINEE) man > $(DESTDIR)$(PREFIX)/share/man/man1/matinee.1
	$(MATINEE) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/matinee
	$(MATINEE) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_matinee
	$(MATINEE) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/matinee.fish
	sed 's|@PREFIX@|$(PREFIX)|' packaging/matinee.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/matinee.service
	install -m644 packaging/matinee.socket $(DESTDIR)$(PREFIX)/lib/systemd/system/matinee.socket

# What people made stays: data folders and matinee.yaml.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/matinee share/man/man1/matinee.1 share/bash-completion/completions/matinee \
		share/zsh/site-functions/_matinee share/fish/vendor_completions.d/matinee.fish \
		lib/systemd/system/matinee.service lib/systemd/system/matinee.socket)

clean:
	rm -rf build build-*
