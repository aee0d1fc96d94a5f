"""Runs that nobody is to keep, such as those of a replay: they go when whoever asked for them goes.

Their making notes them in the rows, so those of a server that was killed go when the next one starts.
"""

from __future__ import annotations

import json
from contextlib import suppress

from calf.db import settings
from calf.db.tx import Tx
from calf.model.errors import NoSpace, NotFound, WrongState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.transaction import Txn
from calf.pps.jobs.removed import forget_jobs_of

_KEY = "scratch"


def note(txn: Txn, set_id: str) -> None:
    """The run that this transaction makes is not to be kept."""
    _write(txn, {*_noted(txn.tx), set_id})


def drop(pfs: Pfs, set_id: str) -> None:
    """Remove such a run, job and commits, unless it is gone or others have built upon it."""
    with pfs.transaction() as txn:
        _write(txn, _noted(txn.tx) - {set_id})
        with suppress(NotFound, WrongState), pfs.transaction():
            forget_jobs_of(txn, commits.drop_set(txn, set_id))


def drop_left(pfs: Pfs) -> None:
    """Remove all that a server has left behind; before jobs go on.

    On a full disk they stay for the next start: space is made by a server that runs.
    """
    with pfs.read() as tx:
        left = _noted(tx)
    with suppress(NoSpace):
        for set_id in sorted(left):
            drop(pfs, set_id)


def _noted(tx: Tx) -> set[str]:
    return set(json.loads(settings.get(tx, _KEY) or "[]"))


def _write(txn: Txn, set_ids: set[str]) -> None:
    settings.put(txn.tx, _KEY, json.dumps(sorted(set_ids)))
