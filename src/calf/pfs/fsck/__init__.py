"""The checks of what must always hold: a check and an error type for each invariant; none repairs.

docs/design/invariants.md lists them with the write order that keeps them.
"""

from calf.pfs.fsck.running import Check, checks, run, zombie_checks
from calf.pfs.fsck.violations import Violation

__all__ = ["Check", "Violation", "checks", "run", "zombie_checks"]
