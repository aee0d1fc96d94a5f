"""Triggers: when a branch follows another one of its repo. Here they are checked and kept."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from calf.db import branches
from calf.db.branches import BranchRow
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument
from calf.model.pfs_infos import Trigger
from calf.model.refs import Branch
from calf.pfs.rows import branch_row

_SIZE = re.compile(r"\d+(\.\d+)?\s*([kmgtpe]i?)?b?", re.IGNORECASE)
_FIELD = r"(\*|\?|[0-9A-Za-z,/*-]+)"
_CRON = re.compile(
    rf"@(yearly|annually|monthly|weekly|daily|midnight|hourly|never)|@every (\d+(\.\d+)?(h|m|s|ms|us|ns))+"
    rf"|{_FIELD}( {_FIELD}){{4}}"
)


def write_trigger(trigger: Trigger | None) -> str:
    """The form in which a row keeps a trigger; empty for none."""
    return json.dumps(asdict(trigger), sort_keys=True) if trigger else ""


def read_trigger(text: str) -> Trigger | None:
    """The trigger that `write_trigger` wrote."""
    return Trigger(**json.loads(text)) if text else None


def check_trigger(tx: Tx, row: BranchRow, trigger: Trigger) -> None:
    """Refuse a trigger that names no branch or a missing one, has a bad condition, or follows itself."""
    if not trigger.branch:
        raise InvalidArgument("triggers must specify a branch to trigger on")
    if trigger.rate_limit_spec and not _CRON.fullmatch(trigger.rate_limit_spec):
        raise InvalidArgument(f'invalid trigger rate limit spec: "{trigger.rate_limit_spec}"')
    if trigger.size and not _SIZE.fullmatch(trigger.size):
        raise InvalidArgument(f'invalid trigger size: "{trigger.size}"', "write 1000, 1K or 2.5MB")
    if trigger.commits < 0:
        raise InvalidArgument("can't trigger on a negative number of commits")
    if trigger.cron_spec and not _CRON.fullmatch(trigger.cron_spec):
        raise InvalidArgument(f'invalid trigger cron spec: "{trigger.cron_spec}"')
    _check_loop(tx, row, trigger)


def _check_loop(tx: Tx, row: BranchRow, trigger: Trigger) -> None:
    seen = {row.branch.name}
    following: Trigger | None = trigger
    while following:
        if following.branch in seen:
            raise InvalidArgument("triggers cannot form a loop")
        seen.add(following.branch)
        following = read_trigger(branch_row(tx, Branch(row.branch.repo, following.branch)).trigger)


def followers(tx: Tx, row: BranchRow) -> list[BranchRow]:
    """The branches of the same repo whose trigger names this one."""
    return [
        it
        for it in branches.of_repo(tx, row.repo_id)
        if (trigger := read_trigger(it.trigger)) and trigger.branch == row.branch.name
    ]
