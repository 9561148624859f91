"""Tests of trainflow-runner with real processes: `make runner-check`, or `python3 check.py [words of names]`.

RUNNER and CONNECTORS name what was built, SANITIZE=1 says that it was with the sanitizers.
"""

import sys

import test_breaches  # noqa: F401
import test_calls  # noqa: F401
import test_control  # noqa: F401
import test_crashes  # noqa: F401
import test_files  # noqa: F401
import test_records  # noqa: F401
import test_roster  # noqa: F401
import test_sandbox  # noqa: F401
import test_units  # noqa: F401
import testing

passed, failed = testing.run(sys.argv[1:])
print(f"runner: {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
