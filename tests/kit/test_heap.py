from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from calf.kit.heap import Slack, keep_free_memory

MIB = 1 << 20
keep_free_memory()
slack = Slack()
before = slack.resident()
for _ in range(3):
    pieces = [b"x" * (8 * MIB) for _ in range(20)]
    needed = b"x" * MIB
    del pieces
kept = slack.resident() - before
slack.look()
assert slack.resident() - before == kept > 150 * MIB, "what is free is used again for a while"
for _ in range(40):
    slack.look()
assert slack.resident() - before < 20 * MIB, "then it is given back"
assert needed == b"x" * MIB
"""


def test_free_memory_is_kept_for_a_while_and_then_given_back() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=30)
