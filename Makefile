# make demo     builds the live-cursors example, a whiteboard with a bot on it, and serves it on http://127.0.0.1:7700
# make demo-cluster  the same from two nodes over Redis, on http://127.0.0.1:7700 and http://127.0.0.1:7704
# make app      the same with the axum application, where people log in, on http://127.0.0.1:7702
# make who      who reads which document, in Vue and without a WebSocket, on http://127.0.0.1:7703
# make test     everything that has to hold; installs what it needs from package registries
# make bench    measures this server and others, and writes the tables of README.md and docs/speed.md; QUICK=1 takes a minute
# make soak     the long versions: SOAK_SECS of churn, SEEDS of the simulation, CLUSTER_SECS of faults, PAYLOADS a type of the contract
# make fuzz     every fuzzer for FUZZ_SECS, a minute unless it is said
# make lint     formatting and clippy alone
# make codegen  writes schemas/ and generated/ anew

CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
CLIENT = presence-client
PAGE = examples/live-cursors/page
APP_PAGE = examples/axum-app/page
WHO_PAGE = examples/who-is-here/page
PORTED = examples/ported/web
NPM_CI = npm ci --no-audit --no-fund --loglevel=error
# Where npm puts what it installs, and where pages are built.
FOLDERS = $(CLIENT) $(PAGE) $(APP_PAGE) $(WHO_PAGE) $(PORTED) tests/contract tests/deployment tests/newcomer bench/peers
# Every program that a test starts. They are built by one command, whichever of them is wanted: what they share is then
# compiled once, and not again for each choice of features.
SERVERS = $(foreach name,live-cursors axum-app who-is-here ported echo bench-server load contract machines,-p $(name))
# Most tests wait for clocks and sockets rather than for the processor.
AT_ONCE = $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n > 6 ? n : 6)))
TESTS = test-rust test-contract test-openapi test-autobahn test-slow test-operation test-bench test-client test-ported \
	test-page test-deployment test-newcomer test-cluster

.PHONY: demo demo-cluster app who test bench soak fuzz lint servers redis test-engines $(TESTS) client page app-page who-page codegen clean

demo: page
	$(CARGO) run --release -p live-cursors -- --bot

demo-cluster: page redis
	$(CARGO) build --release -p live-cursors
	@PATH="$$PATH:$(TARGET)/redis" node examples/live-cursors/cluster.mjs "$(TARGET)/release/live-cursors"

app: app-page
	$(CARGO) run --release -p axum-app

who: who-page
	$(CARGO) run --release -p who-is-here

test: lint $(TESTS)

lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings

# Whoever does not ask for codegen compiles neither schemars nor ts-rs.
test-rust: redis
	$(CARGO) tree -p presence-runtime --edges normal --features codegen | grep -q ts-rs
	! $(CARGO) tree -p presence-runtime --edges normal | grep -E 'schemars|ts-rs'
	RUST_TEST_THREADS=$(AT_ONCE) $(CARGO) test --workspace --all-features
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --workspace --all-features

# Every engine of a cluster alike: the one in memory, and a real redis-server, alone and as a Redis Cluster.
test-engines: redis
	RUST_TEST_THREADS=$(AT_ONCE) $(CARGO) test -p presence-runtime --features redis --test engines

# Three nodes as processes: kill -9, SIGSTOP, cut and slow wires, an empty Redis. SEED=7 ONLY=kill_redis plays one scene
# again, CLUSTER_SECS goes on with further seeds.
test-cluster: servers redis
	PATH="$$PATH:$(TARGET)/redis" "$(TARGET)/debug/machines" "$(TARGET)/debug/live-cursors" "$(TARGET)/debug/axum-app"

servers:
	$(CARGO) build $(SERVERS)

redis:
	tests/cluster/install.sh "$(TARGET)"

# The generator of load against the servers that are built here, briefly: so that neither rots.
test-bench: servers
	PROFILE=debug node bench/smoke.mjs

# A generator of load with 10,000 connections wants as many files open.
bench:
	ulimit -n 20000 2>/dev/null || ulimit -n $$(ulimit -Hn); node bench/run.mjs $(if $(QUICK),--quick) $(BENCH)

SOAK_SECS ?= 120
SEEDS ?= 5000
PAYLOADS ?= 100000
CLUSTER_SECS ?= 600

soak: redis
	SOAK_SECS=$(SOAK_SECS) $(CARGO) test --release -p presence-runtime --test soak -- --nocapture
	SEEDS=$(SEEDS) $(CARGO) test --release -p presence-runtime --test simulation every_seed
	SEEDS=$(SEEDS) $(CARGO) test --release -p presence-runtime --features redis --test nodes every_seed
	$(CARGO) build --release -p live-cursors -p axum-app -p machines
	PATH="$$PATH:$(TARGET)/redis" CLUSTER_SECS=$(CLUSTER_SECS) "$(TARGET)/release/machines" "$(TARGET)/release/live-cursors" "$(TARGET)/release/axum-app"
	COUNT=$(PAYLOADS) $(CARGO) test --release -p contract --test agreement
	$(CARGO) build --release -p contract
	cd tests/contract && $(NPM_CI) && CONTRACT="$(TARGET)/release/contract" COUNT=$(PAYLOADS) node --test agreement.test.js

FUZZ_SECS ?= 60
TOOLS = $(TARGET)/tools

# The corpus of the fuzzers is replayed by test-rust; this looks for more.
fuzz: $(TOOLS)/bin/cargo-fuzz
	PATH="$(TOOLS)/bin:$$PATH" fuzz/run.sh $(FUZZ_SECS) "$(TARGET)/fuzz" $(FUZZERS)

$(TOOLS)/bin/cargo-fuzz:
	$(CARGO) install --quiet --locked --root "$(TOOLS)" cargo-fuzz@0.13.2

# A few thousand payloads of many types before the runtime, the JSON Schemas and the emitted validators, and the emitted types
# before the TypeScript compiler.
test-contract: servers
	cd tests/contract && $(NPM_CI) && CONTRACT="$(TARGET)/debug/contract" npm test

# The routes before schemathesis, by their description: in open mode, and where people are known.
test-openapi: servers
	tests/strangers/python.sh "$(TARGET)/strangers" "schemathesis==4.32.5"
	"$(TARGET)/strangers/bin/python" tests/strangers/openapi.py "$(TARGET)/debug/live-cursors" "$(TARGET)/debug/axum-app"

# The cases of the Autobahn test suite, those of limits and performance too, before the WebSocket alone.
test-autobahn: servers
	tests/strangers/python.sh "$(TARGET)/strangers" "kosoku==0.1.0"
	"$(TARGET)/strangers/bin/python" tests/strangers/conformance.py "$(TARGET)/debug/echo"

# Slow clients by the hundred before the demo server, whose deadlines are short here.
test-slow: servers
	tests/strangers/debian.sh slowhttptest
	python3 tests/strangers/slow.py "$(TARGET)/debug/live-cursors"

# The demo server as a process: signals, settings from the environment, figures as Prometheus reads them.
test-operation: servers
	tests/strangers/python.sh "$(TARGET)/operation" "prometheus-client==0.23.1"
	"$(TARGET)/operation/bin/python" tests/operation/running.py "$(TARGET)/debug/live-cursors"

# The client alone, and against the real servers: an open one, and one where people log in.
test-client: servers page
	cd $(CLIENT) && npm run check && PRESENCE_SERVER="$(TARGET)/debug/live-cursors" PRESENCE_APP="$(TARGET)/debug/axum-app" npm test

# The examples of other systems, written with this one; `test-rust` has those in Rust.
test-ported: servers client $(PORTED)/node_modules
	cd $(PORTED) && PORTED_SERVER="$(TARGET)/debug/ported" npm test

# The client and the pages in headless Chromium.
test-page: servers page app-page who-page
	$(PAGE)/tests/chromium.sh
	cd $(CLIENT) && PRESENCE_SERVER="$(TARGET)/debug/live-cursors" npm run test:browser
	cd $(PAGE) && PRESENCE_SERVER="$(TARGET)/debug/live-cursors" npm test
	cd $(APP_PAGE) && PRESENCE_APP="$(TARGET)/debug/axum-app" npm test
	cd $(WHO_PAGE) && PRESENCE_WHO="$(TARGET)/debug/who-is-here" npm test

# The server behind nginx and Caddy, by the files of docs/deployment.
test-deployment: servers
	tests/deployment/install.sh
	cd tests/deployment && $(NPM_CI) && PRESENCE_SERVER="$(TARGET)/debug/live-cursors" npm test

# docs/first-steps.md, followed to the letter in an empty folder.
test-newcomer:
	$(PAGE)/tests/chromium.sh
	cd tests/newcomer && $(NPM_CI) && CARGO_TARGET_DIR="$(TARGET)" npm test

client: $(CLIENT)/node_modules
	cd $(CLIENT) && npm run build

page: client $(PAGE)/node_modules
	cd $(PAGE) && npm run build

app-page: client $(APP_PAGE)/node_modules
	cd $(APP_PAGE) && npm run build

who-page: client $(WHO_PAGE)/node_modules
	cd $(WHO_PAGE) && npm run build

%/node_modules: %/package-lock.json
	cd $* && $(NPM_CI)
	touch $@

codegen:
	$(CARGO) run -p topics --features codegen -- write
	$(CARGO) run -p ported --features codegen --bin ported-codegen -- write --schemas "$(TARGET)/ported" --generated $(PORTED)/generated

clean:
	$(CARGO) clean
	rm -rf $(FOLDERS:%=%/dist) $(FOLDERS:%=%/node_modules) bench/peers/built
