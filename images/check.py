"""Whether `images/digests.lock` is of the files that lie here: what `make specs-check` and `conf-check` ask.

A cluster runs what the lock names. Where files of an image changed since, that would be other code than the
commit's, so this fails; tests and the sandbox, which take the files as they are, do not.
"""

from __future__ import annotations

import sys

from building import digests
from building.plans import BuildError, all_plans


def main() -> int:
    """Name what is not so any more; 1 where anything is."""
    try:
        lock = digests.read()
        found, cure = digests.stale(lock, all_plans()) if lock else (["there is none yet"], digests.ALL)
        wrong = [f"images/digests.lock: {line}" for line in found]
    except BuildError as error:
        wrong, cure = [str(error)], digests.ALL
    for line in wrong:
        sys.stderr.write(f"error: {line}\n")
    if cure:
        sys.stderr.write(
            f"  hint: {cure} (with podman: docs/design/images.md), and commit the lock with it\n"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
