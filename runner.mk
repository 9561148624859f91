# trainflow-runner and the C test connectors: plain C, built by cc (or gcc, clang) without any Swift library.
# SANITIZE=1 builds both the runner and its tests with the address and undefined-behaviour sanitizers, in a folder of
# their own.

RUNNER_BUILD := .build$(if $(SANITIZE),/sanitized)
RUNNER := $(RUNNER_BUILD)/trainflow-runner
RUNNER_OBJECTS := $(patsubst Sources/Runner/%.c,$(RUNNER_BUILD)/runner/%.o,$(sort $(wildcard Sources/Runner/*.c)))
TEST_CONNECTORS_DIR ?= .build/test-connectors

C_WARNINGS := -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
C_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -g -fPIE -ISources/PluginABI/include $(C_WARNINGS)
C_HARDENING := -fstack-protector-strong $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
C_SANITIZERS := $(if $(SANITIZE),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

.PHONY: runner test-connectors runner-check

runner: $(RUNNER) ## Build trainflow-runner

$(RUNNER): $(RUNNER_OBJECTS)
	@$(CC) $(C_SANITIZERS) -pie -Wl,-z,now,-z,relro,-z,noexecstack -o $@ $^ -pthread

$(RUNNER_BUILD)/runner/%.o: Sources/Runner/%.c runner.mk
	@mkdir -p $(@D)
	@$(CC) $(C_FLAGS) $(C_HARDENING) $(C_SANITIZERS) -MMD -MP -c -o $@ $<

-include $(RUNNER_OBJECTS:.o=.d)

# A test connector: name.so from a source, support.c, a manifest and perhaps a -D.
CONNECTOR_FLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror \
	-ISources/PluginABI/include -Wl,--version-script=Plugins/connector.map -Wl,-z,now,-z,relro,-z,nodelete
TEST_CONNECTORS :=

define test_connector
TEST_CONNECTORS += $(TEST_CONNECTORS_DIR)/$(1).so
$(TEST_CONNECTORS_DIR)/$(1).so: Tests/Connectors/$(2).c Tests/Connectors/$(3).json Tests/Connectors/support.c \
		Tests/Connectors/support.h Sources/PluginABI/include/trainflow_plugin.h runner.mk
	@mkdir -p $$(@D)
	@$$(CC) $$(CONNECTOR_FLAGS) -DMANIFEST='"Tests/Connectors/$(3).json"' -o $$@ $$< Tests/Connectors/support.c $(4)
endef

$(eval $(call test_connector,good,good,test-good))
$(eval $(call test_connector,crash,crash,test-crash))
$(eval $(call test_connector,crash-file,crash,test-crash-file))
$(eval $(call test_connector,crash-load,crash,test-crash,-DCRASH_AT_LOAD))
$(eval $(call test_connector,crash-describe,crash,test-crash,-DCRASH_IN_DESCRIBE))
$(eval $(call test_connector,babbler,babbler,test-babbler))
$(eval $(call test_connector,bad,bad,test-bad))
$(eval $(call test_connector,bad-size,bad,test-bad,-DBAD_TABLE=1))
$(eval $(call test_connector,bad-slot,bad,test-bad,-DBAD_TABLE=2))
$(eval $(call test_connector,bad-null,bad,test-bad,-DBAD_TABLE=3))
$(eval $(call test_connector,bad-json,bad,test-bad,-DBAD_TABLE=4))
$(eval $(call test_connector,bad-utf8,bad,test-bad,-DBAD_TABLE=5))
$(eval $(call test_connector,bad-empty,bad,test-bad,-DBAD_TABLE=6))
$(eval $(call test_connector,flood,flood,test-flood))
$(eval $(call test_connector,liar,liar,test-liar))
$(eval $(call test_connector,probe,probe,test-probe))
$(eval $(call test_connector,saboteur,saboteur,test-saboteur))
$(eval $(call test_connector,turns,turns,test-turns))
$(eval $(call test_connector,nosymbol,nosymbol,test-nosymbol))
$(eval $(call test_connector,noload,noload,test-noload,$(TEST_CONNECTORS_DIR)/missing/libmissing.so))
$(TEST_CONNECTORS_DIR)/noload.so: $(TEST_CONNECTORS_DIR)/missing/libmissing.so

$(TEST_CONNECTORS_DIR)/missing/libmissing.so: Tests/Connectors/libmissing.c
	@mkdir -p $(@D)
	@$(CC) -shared -fPIC -Wl,-soname,libtrainflow-missing.so.1 -o $@ $<

# The example for authors, by its own Makefile.
TEST_CONNECTORS += $(TEST_CONNECTORS_DIR)/roster.so
$(TEST_CONNECTORS_DIR)/roster.so: $(wildcard samples/connector-c/*) Sources/PluginABI/include/trainflow_plugin.h
	@$(MAKE) --no-print-directory -s -C samples/connector-c OUT=$(abspath $(@D))

test-connectors: $(TEST_CONNECTORS) ## Build the C connectors that the tests load

# The runner's pure parts as a program of their own, for the fuzzer and the conformance suites.
RUNNER_UNIT := $(RUNNER_BUILD)/runner-unit

$(RUNNER_UNIT): Tests/RunnerTests/unit.c $(filter-out %/main.o,$(RUNNER_OBJECTS)) runner.mk
	@$(CC) $(C_FLAGS) $(C_HARDENING) $(C_SANITIZERS) -ISources/Runner -pie -o $@ $(filter-out %.mk,$^) -pthread

runner-check: runner test-connectors $(RUNNER_UNIT) ## Test the runner with well- and misbehaving connectors
	@RUNNER=$(RUNNER) CONNECTORS=$(TEST_CONNECTORS_DIR) UNIT=$(RUNNER_UNIT) SANITIZE=$(SANITIZE) python3 Tests/RunnerTests/check.py
