"""What comes out of damaged files.   python benchmarks/robustness/run.py [COUNT] [ODD]

COUNT mutations of each kind of file, 2,000 by default; those that ended as they must not are
kept in the folder ODD. The figures go to results.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.picture.mutations import FAILURES, tally

RESULTS = Path(__file__).with_name("results.json")


def main(count: int = 2000, odd: Path | None = None) -> None:
    """Print the outcomes by kind, and keep them."""

    def keep(kind: str, number: int, which: int, said: str, damaged: bytes) -> None:
        if odd and said in FAILURES:
            odd.mkdir(parents=True, exist_ok=True)
            (odd / f"{kind}-{which}-{number}-{said}").write_bytes(damaged)

    found = tally(count, keep=keep)
    for kind, outcomes in found.items():
        print(kind, outcomes)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(*(kind(argument) for kind, argument in zip((int, Path), sys.argv[1:], strict=False)))
