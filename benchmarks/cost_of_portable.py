"""What the portable profile costs beside the default one: training steps in turns, as a table.

`python benchmarks/cost_of_portable.py [ROUNDS]`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from deterministic_training import DETERMINISTIC, PORTABLE, in_turns, ratio_row, write_params


def main(words: list[str]) -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        params = write_params(Path(folder))
        default, portable = in_turns([DETERMINISTIC, PORTABLE], params, int(words[0]) if words else 9)
    print("| | wall, median s | spread | CPU, median s |\n|---|---|---|---|")
    print("\n".join((default.row(), portable.row(), ratio_row("portable to default", portable, default))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
