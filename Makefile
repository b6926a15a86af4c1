# `make demo` and `make test` are all that a newcomer needs; the other targets are for those who work here.
UV_VERSION := 0.13.9
UV := $(shell command -v uv || echo .tools/bin/uv)
RUN := $(UV) run --no-sync
MIRROR := $(abspath $(wildcard ../shared/upstream))
ifneq ($(MIRROR),)
export KFAWS_MIRROR ?= $(MIRROR)
endif

DEMO := .demo/kube-eks-cluster

.PHONY: demo redis mariadb test features lint types format bench clean

# First what needs no program but ours; then the example on the embedded platform. Stop it when you have seen enough: what
# was built is kept, and the next `make demo` goes on. KEEP=1 leaves the platform up.
demo: .venv/.runs
	rm -rf $(DEMO)
	$(RUN) kfaws new $(DEMO) --answers examples/walkthrough/answers.yml
	$(RUN) kfaws check $(DEMO)
	$(RUN) kfaws graph $(DEMO)
	@$(MAKE) --no-print-directory redis mariadb
	$(RUN) kfaws up $(DEMO) $(if $(KEEP),,--once)

# As root on Debian and its kin, what a package brings is installed.
APT_GET = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update >/dev/null \
	  && apt-get install --yes --no-install-recommends

redis:
	@command -v redis-server >/dev/null || { $(APT_GET) redis-server >/dev/null; } \
	  || { echo "redis-server is missing: install it (on Debian: apt-get install redis-server)" >&2; exit 1; }

# Databases stand on it where it can be had; without it the endpoints of RDS have no server.
mariadb:
	@command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || { $(APT_GET) mariadb-server-core >/dev/null; } \
	  || echo "mariadbd is missing: no database will be behind RDS (on Debian: apt-get install mariadb-server-core)" >&2

test: .venv/.synced
	$(RUN) pytest -n 2 --dist loadgroup $(if $(STRICT),--strict)

# The example environment on the embedded platform, held to its feature files.
features: .venv/.synced redis mariadb
	$(RUN) kfaws tools
	$(RUN) pytest features $(if $(STRICT),--strict)

lint: .venv/.synced
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) yamllint --strict .
	$(RUN) lint-imports

types: .venv/.synced
	$(RUN) mypy kfaws tests benchmarks

format: .venv/.synced
	$(RUN) ruff format
	$(RUN) ruff check --fix

bench: .venv/.synced
	$(RUN) python -m benchmarks

clean:
	rm -rf .venv .tools .demo

.venv/.synced: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen
	touch $@

# The demo needs none of what developers need: it is there sooner.
.venv/.runs: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet --no-dev --inexact
	touch $@

.tools/bin/uv:
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer" >&2; exit 1; }
	python3 -m venv .tools
	.tools/bin/pip install --quiet uv==$(UV_VERSION)
