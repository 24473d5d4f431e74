# make test     everything that has to hold; installs what it needs from package registries
# make demo     builds the live-cursors example and serves it on http://127.0.0.1:7700
# make codegen  writes schemas/ and generated/ anew
# make lint     formatting and clippy alone

CARGO ?= cargo
NPM_CI = npm ci --no-audit --no-fund --loglevel=error

.PHONY: test lint test-rust test-contract demo codegen clean

test: lint test-rust test-contract

lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings

test-rust:
	$(CARGO) test --workspace --all-features
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --workspace --all-features

# The same payloads before the JSON Schemas, in JavaScript, and the emitted types before the TypeScript compiler.
test-contract:
	cd tests/contract && $(NPM_CI) && npm test

demo:
	$(CARGO) run --release -p live-cursors

codegen:
	$(CARGO) run -p topics --features codegen -- write

clean:
	$(CARGO) clean
