# make help lists what can be done. ./run and ./test call these.

SWIFT_FLAGS := -c release --disable-local-rpath --explicit-target-dependency-import-check error
STAGE := .build/stage
SWIFT_SOURCES := Package.swift Sources Plugins Tests Benchmarks
C_SOURCES := $(shell git ls-files '*.c' '*.h')

include runner.mk

.PHONY: help build stage test-build check format deep fuzz clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

build: runner ## Build host, runner and connectors (release) and put them together in .build/stage and plugins.d
	swift build $(SWIFT_FLAGS)
	@scripts/stage

test-build: runner test-connectors ## Build everything and the tests, from the same objects
	swift build $(SWIFT_FLAGS) --build-tests
	@scripts/stage

check: ## Format, lint, walls between rooms, no Foundation, C warnings
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@scripts/check-sources
	@clang-format --dry-run -Werror $(C_SOURCES)

format: ## Rewrite sources in the project's format
	swift format format --in-place --parallel --recursive $(SWIFT_SOURCES)
	clang-format -i $(C_SOURCES)

deep: test-build ## The long forms: a thousand kills, sanitizers, fuzzing (about an hour)
	@scripts/deep

fuzz: ## Feed each parser of the file import mutated input under the address sanitizer (SECONDS=600 each)
	@scripts/fuzz build
	@for parser in csv json xlsx; do echo "── fuzz $$parser" && scripts/fuzz $$parser $(or $(SECONDS),600) || exit 1; done

clean: ## Remove what was built
	rm -rf .build plugins.d/*.so frontend/dist frontend/src/api/generated
