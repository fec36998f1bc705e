# Everything a newcomer needs: `make run` and `make test`.
PYTHON ?= python3
PORT   ?= 8080
BIN    := .venv/bin
STAMP  := .venv/.installed

.PHONY: install run test test-long conformance lint types wheel bench lock clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

run: install
	$(BIN)/der-registry serve --demo --port $(PORT)

test: install
	$(BIN)/pytest -n 2 --dist loadfile -m "not long"

# The tests that take long: every point of an operation killed, the power cut, and random requests in greater number.
test-long: install
	$(BIN)/pytest -n 2 --dist loadfile -m long
	NON_INTERFERENCE_QUERIES=800 NON_INTERFERENCE_LISTINGS=200 $(BIN)/pytest -n 2 --dist load tests/non_interference

# The W3C's tests of SPARQL 1.1; their data is looked for in W3C_TESTS, else beside the repository.
conformance: install
	$(BIN)/python -m conformance

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

wheel: install
	rm -rf dist
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .

bench: install
	$(BIN)/python -m bench

# Renews the pins. Addresses of package registries stay out of the file.
lock:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
