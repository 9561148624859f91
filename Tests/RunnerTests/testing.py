"""A test is a function marked @test, or @each(cases), which runs it once for each."""

import time
import traceback

_tests = []


def test(function):
    _tests.append((function.__doc__ or function.__name__.replace("_", " "), function, ()))
    return function


def each(cases):
    def mark(function):
        for case in cases:
            arguments = case if isinstance(case, tuple) else (case,)
            words = ", ".join(str(argument) for argument in arguments if not callable(argument))
            _tests.append((f"{function.__name__.replace('_', ' ')}: {words}", function, arguments))
        return function

    return mark


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def run(wanted):
    """Runs the tests whose names contain one of the words, or all; (passed, failed)."""
    passed, failed = 0, 0
    for name, function, arguments in _tests:
        if wanted and not any(word in name for word in wanted):
            continue
        begin = time.monotonic()
        try:
            function(*arguments)
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {name} ({time.monotonic() - begin:.1f} s)\n{traceback.format_exc()}", flush=True)
    return passed, failed
