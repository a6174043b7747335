# SPDX-License-Identifier: ISC
# Postern: `make run` starts a private site, `make test` checks everything, `make help` lists the rest.

# The Debian packages, the one place where they stand: to build and run, and to test. Where there is an npm
# of another origin, Debian's is not asked for: the two exclude each other.
PACKAGES      = gcc libc6-dev make curl libfcgi-dev libmariadb-dev libjansson-dev libcrypt-dev \
                libssl-dev libinih-dev libcurl4-openssl-dev libcsv-dev libjpeg62-turbo-dev libpng-dev \
                libwebp-dev libexif-dev libcmark-dev libmagic-dev ca-certificates spawn-fcgi multiwatch nginx-light \
                mariadb-server-core mariadb-client-core
PACKAGES_TEST = mariadb-client age debhelper lintian debootstrap systemd-container libcmocka-dev python3-pytest python3-pytest-xdist python3-requests \
                python3-jwt python3-cryptography python3-aiosmtpd python3-pil python3-jsonschema mandoc wrk \
                faketime strace jose binutils clang clang-format clang-tidy clang-tools llvm libclang-rt-14-dev \
                cppcheck shellcheck git sqlite3 \
                radicale cgit fcgiwrap python3-websockets python3-flask php-cgi nodejs apache2-bin libapache2-mod-fcgid systemd \
                chromium chromium-driver python3-selenium w3m python3-pexpect python3-pyte
NPM           = npm

BUILD   = build$(if $(SAN),-san)$(if $(COV),-cov)
VAR     = var
PORT    = 8080
PREFIX  = /usr/local
PYTHON  = /usr/bin/python3
VERSION = $(shell cat VERSION)
export BUILD VAR PORT

CSTD     = -std=c17 -D_GNU_SOURCE -DPOSTERN_VERSION='"$(VERSION)"'
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wwrite-strings -Wformat=2 -Wvla -Wimplicit-fallthrough -Wconversion -Wsign-conversion \
           -Wnull-dereference -Wcast-align -Wpointer-arith -Wundef $(if $(WERROR),-Werror)
HARDEN   = $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE -fno-plt
ifdef SAN
# What nothing has set is no zero by chance there.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -ftrivial-auto-var-init=pattern
endif
# What make cov counts by: the source, each condition of its own, true and false (gcov counts the jumps of
# machine code). The counters are a file that processes share, so it counts, too, what _exit or a signal ends; and
# none may lose what another counts just then.
# A program has its own, named after its first object: %m alone are the sizes of what it is made of.
ifdef COV
CC       = clang
COUNTERS = -fcoverage-mapping -fprofile-update=atomic -mllvm -runtime-counter-relocation
SANITIZE = -fprofile-instr-generate=$(CURDIR)/$(BUILD)/counters/$(basename $(@F))-%m%c.profraw
endif
CFLAGS   = -Oz -g
# What nothing uses is left out, for a program is mapped into each of its workers.
SMALL    = $(if $(SAN),,-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-plt $(if $(findstring clang,$(CC)),,-malign-data=abi))
# Programs are optimised as a whole, which is a twentieth; the tool and tests link the same objects as they are.
WHOLE    = $(if $(SAN)$(COV)$(findstring clang,$(CC)),,-flto=auto)
PARTS    = $(if $(WHOLE),-fno-lto)
ALL_CFLAGS  = $(CSTD) $(CFLAGS) $(WARNINGS) $(HARDEN) $(SMALL) $(WHOLE:%=% -ffat-lto-objects) $(SANITIZE) $(COUNTERS) -Isrc -I/usr/include/mariadb
ALL_LDFLAGS = $(LDFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--as-needed \
              $(if $(SAN),,-Xlinker --gc-sections -z noseparate-code -z pack-relative-relocs) $(SANITIZE)
# Each program asks for those it uses (--as-needed); those for pictures, pictures.fcgi alone, and -lcsv, the tool.
LIBS     = -lfcgi -lmariadb -ljansson -lcrypt -lcrypto -linih -lcsv -ljpeg -lpng -lwebp -lexif -lcmark -lmagic -lm

# Every pixel of a picture goes through it: 40 megapixels of PNG take 0.7 seconds instead of 1.1.
$(BUILD)/src/picture_scale.o: CFLAGS = -O2 -g

# A line a file; V=1 prints the commands.
SAY = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2) && )

CLI      = $(wildcard src/cli*.c)
SPEC     = $(wildcard src/spec*.c)
LIBRARY  = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(CLI) $(SPEC),$(wildcard src/*.c)))
PROGRAMS = $(patsubst cgi-bin/%.c,$(BUILD)/cgi-bin/%.fcgi,$(wildcard cgi-bin/*.c))
DOCS     = postern.1 postern.conf.5 postern.bash
UNITS    = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*.c))

.PHONY: all install uninstall unit-build help packages install-packages install-test-packages run start stop status test unit web \
        browser cov fuzz fuzz-keep fuzz-replay fuzz-build fuzz-objects shots analyze lint format routes deps \
        sigterm kills frames slow torture-alloc crowd tidy-load import-load file-kills timing test-nginx test-apache test-fcgid test-cgi \
        test-doctor home deb test-deb bench bench-quick demo-data flat bench-files pss clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/postern $(PROGRAMS) $(BUILD)/doc/openapi.json $(DOCS:%=$(BUILD)/doc/%) ## build everything into build/ (the default; SAN=1: with ASan and UBSan, into build-san/)

# Whatever is installed is in these, and none of it is anybody's own: uninstall removes them whole.
LIB   = $(DESTDIR)$(PREFIX)/lib
SHARE = $(DESTDIR)$(PREFIX)/share/postern
MAN   = $(DESTDIR)$(PREFIX)/share/man
COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/postern
STRIP = -s

install: all ## install programs, tool, units, templates and what web servers include (DESTDIR= PREFIX=/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(LIB)/postern $(SHARE)
	install $(STRIP) $(BUILD)/postern $(DESTDIR)$(PREFIX)/bin
	install $(STRIP) $(PROGRAMS) $(LIB)/postern
	cp -r --no-preserve=mode,ownership sql static templates $(SHARE)
	install -m 0644 -D -t $(SHARE)/doc $(BUILD)/doc/openapi.json
	install -m 0644 -D -t $(SHARE)/nginx $(wildcard nginx/*.conf)
	install -m 0644 -D -t $(SHARE)/apache $(wildcard apache/*.conf) apache/htaccess
	install -m 0644 -D -t $(SHARE)/apache/errors $(wildcard apache/errors/*.json)
	sed 's,@VAR@/run,/run/postern,' nginx/upstreams.conf.in > $(SHARE)/nginx/upstreams.conf
	install -m 0644 systemd/postern.conf $(SHARE)/postern.conf.sample
	install -m 0644 -D systemd/sysusers.conf $(LIB)/sysusers.d/postern.conf
	install -m 0644 -D systemd/tmpfiles.conf $(LIB)/tmpfiles.d/postern.conf
	install -m 0644 -D -t $(MAN)/man1 $(BUILD)/doc/postern.1
	install -m 0644 -D -t $(MAN)/man5 $(BUILD)/doc/postern.conf.5
	install -m 0644 -D $(BUILD)/doc/postern.bash $(COMPLETION)
	install -D -t $(SHARE)/systemd systemd/setup.sh
	systemd/install.sh $(LIB)/systemd/system $(PREFIX) $(PROGRAMS)

home: all ## fill a folder that is the root of a site on shared hosting: make home DIR=folder (INSTALL.md)
	@apache/home.sh $(or $(DIR),$(error DIR= names the folder)) $(BUILD)

uninstall: ## remove what `make install` has installed; settings, keys and data stay
	rm -rf $(DESTDIR)$(PREFIX)/bin/postern $(LIB)/postern $(SHARE) $(LIB)/sysusers.d/postern.conf \
		$(LIB)/tmpfiles.d/postern.conf $(LIB)/systemd/system/postern[.@-]* \
		$(MAN)/man1/postern.1 $(MAN)/man5/postern.conf.5 $(COMPLETION)

help: ## list every target
	@grep -hE '^[a-z][a-z -]*:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-22s %s\n", $$1, $$2}'

packages: ## print the Debian packages that building, running and testing need
	@echo $(PACKAGES) $(PACKAGES_TEST) $(NPM)

install-packages:
	@nginx/site.sh install $(PACKAGES)

install-test-packages:
	@nginx/site.sh install $(PACKAGES) $(PACKAGES_TEST) $(if $(shell command -v npm),,$(NPM))

run start: install-packages ## start a private site (run: in the foreground; PORT= and VAR= choose port and folder)
	@$(MAKE) --no-print-directory -j2 all
	@exec nginx/site.sh $@

stop status: ## stop the site that `make start` started; say what runs
	@nginx/site.sh $@

# Objects depend on the flags they were built with, and on the headers they read.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call SAY,cc,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libpostern.a: $(LIBRARY)
	@rm -f $@
	@ar crs $@ $^

$(BUILD)/postern: $(patsubst %.c,$(BUILD)/%.o,$(CLI)) $(BUILD)/libpostern.a
	$(call SAY,link,$@)$(CC) $(ALL_LDFLAGS) $(PARTS) -o $@ $^ $(LIBS) -lcurl

$(BUILD)/cgi-bin/%.fcgi: $(BUILD)/cgi-bin/%.o $(BUILD)/libpostern.a
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(CC) $(if $(WHOLE),$(CFLAGS) $(HARDEN) $(SMALL) $(WHOLE)) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# The rows of each program, in the words of OpenAPI: the program with spec.c in the place of serve().
SPECS = $(PROGRAMS:$(BUILD)/cgi-bin/%.fcgi=$(BUILD)/spec/%)

$(BUILD)/spec/%: $(BUILD)/cgi-bin/%.o $(SPEC:%.c=$(BUILD)/%.o) $(BUILD)/libpostern.a
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(CC) $(ALL_LDFLAGS) $(PARTS) -Wl,--wrap=serve -o $@ $^ $(LIBS)

$(BUILD)/doc/openapi.json: api/rows.json $(SPECS)
	@mkdir -p $(@D)
	$(call SAY,spec,$@)set -e; cp api/rows.json $@.old; for p in $(SPECS); do $$p <$@.old >$@.new; mv $@.new $@.old; done; \
		if grep -o '"rows":{"[^"]*"' $@.old; then echo "api/rows.json: no program has this row"; exit 1; fi; mv $@.old $@

# Manual pages and completion, from the tables of the tool.
$(BUILD)/doc/postern.1: OF = man
$(BUILD)/doc/postern.conf.5: OF = settings
$(BUILD)/doc/postern.bash: OF = bash
$(DOCS:%=$(BUILD)/doc/%): $(BUILD)/postern
	@mkdir -p $(@D)
	$(call SAY,doc,$@)$(BUILD)/postern doc $(OF) > $@

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libpostern.a
	$(call SAY,link,$@)$(CC) $(ALL_LDFLAGS) $(PARTS) -o $@ $^ $(LIBS) -lcmocka

-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -name '*.d' -print 2>/dev/null)

$(BUILD)/tests/bench/%: tests/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call SAY,cc,$<)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -lfcgi -lcrypt

# A constant answer, static, or with a library that it does not use: what loading it costs.
ALONE    = $(filter-out m,$(LIBS:-l%=%)) curl
$(BUILD)/tests/bench/constant-%: tests/bench/constant.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call SAY,cc,$@)$(CC) $(ALL_CFLAGS) -o $@ $< $(if $(filter static,$*),-static,-pie -Wl,--no-as-needed -l$*)
# A whole program without shared libraries; what they say about names and users of the network does not matter here.
$(BUILD)/static/%.fcgi: $(BUILD)/cgi-bin/%.o $(BUILD)/libpostern.a
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(CC) $(PARTS) -static -Wl,--gc-sections -o $@ $^ $(LIBS) -lssl -lcrypto -lz 2>/dev/null
BENCH    = $(BUILD)/static/user.fcgi \
           $(addprefix $(BUILD)/tests/bench/,floor spawn crypt_rate constant constant-static $(ALONE:%=constant-%))

# Preloaded into programs by tests.
$(BUILD)/tests/faults/%.so: tests/faults/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call SAY,cc,$<)$(CC) $(CSTD) $(CFLAGS) $(WARNINGS) -fno-builtin -fPIC -shared -o $@ $<

# Fuzz targets: each is linked twice, with libFuzzer's engine, and with tests/fuzz/replay.c instead.
FUZZ   = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
CHECKS = address,undefined
FUZZED = build-$(if $(COV),cov,fuzz)
REPLAY = $(if $(COV),$(SANITIZE),-fsanitize=$(CHECKS))
IN_FUZZ = $(MAKE) -s $(if $(COV),,CC=clang BUILD=build-fuzz SAN=1 \
          SANITIZE='-fsanitize=$(CHECKS),fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer')
RUN_FUZZ = FUZZED=$(FUZZED) $(PYTHON) tests/fuzz/fuzz.py

$(BUILD)/engine/% $(BUILD)/replay/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(BUILD)/libpostern.a
	@mkdir -p $(BUILD)/engine $(BUILD)/replay
	$(call SAY,link,$(BUILD)/engine/$*)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(filter-out %/replay.o,$^) $(LIBS) \
		-o $(BUILD)/engine/$*
	$(call SAY,link,$(BUILD)/replay/$*)$(CC) $(LDFLAGS) -pie $(REPLAY) $^ $(LIBS) -o $(BUILD)/replay/$*

# For make lint, with any compiler.
fuzz-objects: $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%.o) $(BUILD)/tests/fuzz/replay.o

fuzz-build:
	@$(IN_FUZZ) -j2 $(FUZZ:%=$(FUZZED)/replay/%)

fuzz: install-test-packages fuzz-build ## fuzz each target for T=60 seconds of a processor (F= picks some); a crash ends it, and is kept
	@$(RUN_FUZZ) run $(or $(T),60) $(or $(F),$(FUZZ))

fuzz-keep: fuzz-build ## take what make fuzz found new into tests/fuzz/corpus, as little as reaches as much
	@$(RUN_FUZZ) keep $(or $(F),$(FUZZ))

fuzz-replay: fuzz-build ## run all kept inputs and crashes through the fuzz targets, once
	@$(RUN_FUZZ) replay $(or $(F),$(FUZZ))

test: install-test-packages ## build and run all tests on servers of their own (SAN=1: under ASan and UBSan)
	@$(MAKE) --no-print-directory -j2 all $(UNITS)
	@$(MAKE) --no-print-directory unit fuzz-replay web $(if $(SAN),,browser)
	@echo "make test: all passed$(if $(SAN),; the browser tests are left to the build without SAN)"

unit-build: $(UNITS) $(BUILD)/tests/faults/nth.so

unit: $(UNITS) ## the unit tests alone
	@for t in $(UNITS); do echo "-- $$t"; $$t || { echo "-- $$t, a second try"; $$t; } || exit 1; done

# Some tests measure time, on a machine that may be busy with something else: what failed is tried once
# more, and said to be.
PYTEST = $(PYTHON) -m pytest -q -o cache_dir=$(CURDIR)/$(BUILD)/pytest/$@
PYTEST_TWICE = $(PYTEST) --durations=5 $(BOTH) tests/$@ $(T) || \
	{ [ $$? = 1 ] && echo "make $@: a second try of what failed" && $(PYTEST) --lf --lfnf=none tests/$@ $(T); }

test-nginx: ## the whole web suite over nginx
test-apache: ## the same over Apache with mod_proxy_fcgi
test-fcgid: ## the same over Apache with mod_fcgid
test-cgi: ## the same over plain CGI below an .htaccess
test-nginx test-apache test-fcgid test-cgi: install-test-packages all $(BUILD)/tests/faults/nth.so
	@WEB=$(patsubst apache,proxy,$(@:test-%=%)) $(MAKE) --no-print-directory web

test-doctor: all ## plant faults in an installation, one after the other: postern doctor names each
	@$(PYTEST) tests/web/test_doctor*.py $(T)

deb: install-test-packages ## build the Debian package, and let lintian look at it: build/deb/package
	@packaging/deb.sh build/deb/package

test-deb: deb all ## install, use, upgrade under load and purge the package in a Debian that is booted for it (as root); then the whole web suite with its programs
	@$(PYTHON) -m pytest -q -o cache_dir=$(CURDIR)/build/pytest/deb tests/deb
	@packaging/unpack.sh build/deb && INSTALLED=build/deb/programs $(MAKE) --no-print-directory web

web: BOTH = -n 2 --dist loadfile
web: all $(BUILD)/tests/faults/nth.so ## the web tests alone, against a private site on a free port (T= picks some: T="-k login")
	@$(PYTEST_TWICE)

# Programs for tests, pinned by their digests. None of their install scripts is run.
build/npm/node_modules: tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)
	$(call SAY,npm,$@)cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch node_modules

browser: all build/npm/node_modules ## the browser tests alone: Chromium and w3m (T= picks some; what failed is in build/browser)
	@$(PYTEST_TWICE)

shots: install-test-packages all ## pictures of every page in every state, wide and narrow, light and dark: build/shots/index.html
	@$(PYTHON) tests/browser/shots.py $(T)

analyze: install-test-packages ## static analysis: gcc -fanalyzer, scan-build, clang-tidy (a few minutes)
	@tests/analyze.sh $(CSTD) -Isrc -I/usr/include/mariadb

cov: install-test-packages ## branches of the source that unit, fuzz and web tests take, by file (QUICK=1: without the web tests)
	@rm -rf build-cov/counters
	@$(MAKE) --no-print-directory COV=1 -j2 all unit-build
	@$(MAKE) --no-print-directory COV=1 unit fuzz-replay $(if $(QUICK),,web)
	@$(PYTHON) tests/cov.py $(if $(QUICK),quick)

lint: install-test-packages ## warnings as errors (gcc, clang), layers, banned calls, sizes, cppcheck, formatting
	@tests/lint.sh

format: ## let clang-format lay out every C file
	clang-format -i src/*.[ch] cgi-bin/*.c tests/unit/*.c tests/bench/*.c tests/faults/*.c tests/fuzz/*.[ch]

routes: all ## write the routes of nginx and Apache and the README's table from what the programs say
	@nginx/routes.sh write $(PROGRAMS)

deps: all ## print which program links which library
	@for p in $(PROGRAMS); do echo "$$(basename $$p): $$(objdump -p $$p | awk '/NEEDED/ {print $$2}' | xargs)"; done

sigterm: all ## end workers by SIGTERM under load, N=200 times: nothing hangs, no answer is cut
	$(PYTHON) tests/faults/sigterm.py $(or $(N),200)

kills: all ## kill -9 workers under load, N=35 times in 4 seconds: no GET fails
	$(PYTHON) tests/faults/kills.py $(or $(N),35)

crowd: all ## N=200 wrong logins at once: reading goes on as before, who finds no place is told at once
	$(PYTHON) tests/faults/crowd.py $(or $(N),200)

tidy-load: all ## N=1000000 ended logins go by postern tidy while reading goes on as before
	$(PYTHON) tests/faults/tidy_load.py $(or $(N),1000000)

file-kills: all ## kill -9 workers, database and clients during N=50 uploads: what was acknowledged is there, and nothing else
	$(PYTHON) tests/faults/files.py $(or $(N),50)

import-load: install-test-packages all ## N=10000 members with hashes and pictures come by postern user import: how long, how much memory
	$(PYTHON) tests/faults/import_load.py $(or $(N),10000)

timing: all ## how long a refused login takes, N=300 times for each reason: medians within 2 %
	$(PYTHON) tests/bench/timing.py $(or $(N),300)

torture-alloc: all $(BUILD)/tests/faults/nth.so ## let each malloc, read, write and getrandom fail, one after the other (P= picks programs)
	$(PYTHON) tests/faults/alloc.py $(P)

frames: all ## throw spoilt FastCGI requests at one worker, N=1000000: it lives and stays small (SEED= throws the same again)
	$(PYTHON) tests/faults/frames.py $(or $(N),1000000) $(SEED)

slow: all ## a thousand slow connections, of each kind: N=1000: others are served as fast, and nginx ends the slow ones
	$(PYTHON) tests/faults/slow.py $(or $(N),1000)

# The packages of the peers are wanted by these two alone.
PACKAGES_BENCH = php8.2-fpm php8.2-mysql nodejs node-mysql node-busboy gunicorn python3-flask-sqlalchemy python3-mysqldb \
                 python3-flask-bcrypt python3-marshmallow python3-python-flask-jwt-extended

bench bench-quick: install-test-packages all $(BENCH) ## Postern beside a constant answer, Flask, PHP-FPM and Node: build/bench.json and .svg (20 minutes; quick: 3)
	@nginx/site.sh install $(PACKAGES_BENCH)
	@$(PYTHON) tests/bench/bench.py $(@:bench-%=%)

demo-data: all ## N=1000000 articles by 10,000 members into the site of `make run`, which must be running
	@POSTERN_CONFIG=$(VAR)/postern.conf $(BUILD)/postern demo $(or $(N),1000000)

flat: install-test-packages all ## what the first page of each list costs over 1,000 articles and over N=1000000
	@$(PYTHON) tests/bench/flat.py $(or $(N),1000000)

bench-files: install-test-packages all ## a file of N=1024 MiB up and down beside PHP and nginx alone: seconds, and memory of each worker
	$(PYTHON) tests/bench/files.py $(or $(N),1024)

pss: install-test-packages all ## memory of all programs after some load
	@$(PYTHON) tests/bench/pss.py

clean: ## remove what was built (never what runs: var/)
	rm -rf build build-san build-gcc build-clang build-fuzz build-cov
