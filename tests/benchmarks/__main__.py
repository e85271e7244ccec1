"""``python -m tests.benchmarks [NAME …]``: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.benchmarks import (
    applying,
    auditing,
    building,
    comparing,
    limiting,
    measure,
    online,
    pages,
    pausing,
    paying,
    requesting,
    reserving,
    selling,
    tenants,
    tracing,
)

ALL: dict[str, Callable[[int], measure.Section]] = {
    "audit": auditing.standard,
    "compare": comparing.standard,
    "compare-large": comparing.large,
    "apply": applying.standard,
    "pause": pausing.standard,
    "jobs": building.standard,
    "online": online.standard,
    "reserve": reserving.standard,
    "payments": paying.standard,
    "sell": selling.standard,
    "request": requesting.standard,
    "tenants": tenants.standard,
    "tenants-1000": tenants.thousand,
    "trace": tracing.standard,
    "pages": pages.standard,
    "limit": limiting.standard,
}


def main(arguments: list[str]) -> int:
    """Run the benchmarks that are named, by default all.

    Returns:
        0 if every bar is held, else 1.
    """
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each (default 5)")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(ALL):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    missed = 0
    for name in options.names or ALL:
        section = ALL[name](options.rounds)
        measure.write([section], f"make bench BENCH={name} ROUNDS={options.rounds}")
        sys.stdout.write(section.markdown() + "\n\n")
        sys.stdout.flush()
        missed += sum(not line.holds for line in section.lines)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
