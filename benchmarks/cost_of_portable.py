"""What the portable profile costs beside the default one: training steps in turns, as a table.

`python benchmarks/cost_of_portable.py [ROUNDS]`
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from comparing import Comparison, Result
from deterministic_training import DETERMINISTIC, PORTABLE, in_turns, paired, write_params
from table import HEAD, rows


def main(words: list[str]) -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        params = write_params(Path(folder))
        default, portable = in_turns([DETERMINISTIC, PORTABLE], params, int(words[0]) if words else 9)
    ratio = statistics.median(paired(portable, default))
    line = Comparison("portable profile", portable, default, "of pairs", ratio, None, at_least=False)
    print("\n".join((*HEAD, *rows(Result((line,))))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
