"""Triggers: when a branch follows another one of its repo. Here they are checked, kept and asked."""

from __future__ import annotations

import json
from dataclasses import asdict

from calf.db import branches
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow, line
from calf.db.tx import Tx
from calf.kit import sizes
from calf.kit.cron import Schedule
from calf.model.errors import InvalidArgument
from calf.model.pfs_infos import Trigger
from calf.model.refs import Branch
from calf.model.states import OriginKind
from calf.pfs.rows import branch_row


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
    if trigger.rate_limit_spec:
        _check_schedule("rate limit", trigger.rate_limit_spec)
    if trigger.size:
        try:
            parse_size(trigger.size)
        except ValueError as error:
            raise InvalidArgument(f"invalid trigger size: {error}", "write 1000, 1K or 2.5MB") from None
    if trigger.commits < 0:
        raise InvalidArgument("can't trigger on a negative number of commits")
    if trigger.cron_spec:
        _check_schedule("cron", trigger.cron_spec)
        if trigger.size or trigger.commits or trigger.rate_limit_spec:
            raise InvalidArgument(
                "a cron trigger cannot have other conditions",
                "leave size, commits and rate_limit_spec out; cron_spec fires at each of its times",
            )
    _check_loop(tx, row, trigger)


def followers(tx: Tx, row: BranchRow) -> list[BranchRow]:
    """The branches of the same repo whose trigger names this one."""
    return [
        it
        for it in branches.of_repo(tx, row.repo_id)
        if (trigger := read_trigger(it.trigger)) and trigger.branch == row.branch.name
    ]


def fires(tx: Tx, trigger: Trigger, old: CommitRow | None, new: CommitRow) -> bool:
    """Whether a new commit is enough, given the head `old` that the last one that was has left.

    Conditions are alternatives unless the trigger wants all; the empty commit that the graph gives a new
    branch does not count as one. One with a `cron_spec` never fires by a commit.
    """
    if trigger.cron_spec:
        return False
    met = []
    if trigger.size:
        met.append((new.size or 0) - ((old.size or 0) if old else 0) >= parse_size(trigger.size))
    if trigger.rate_limit_spec:
        due = Schedule.parse(trigger.rate_limit_spec).next_after(old.finishing if old else 0.0)
        met.append(due is not None and due < new.finishing)
    if trigger.commits:
        met.append(_has_commits(tx, old, new, trigger.commits))
    return all(met) if trigger.all else any(met)


def parse_size(text: str) -> int:
    """Bytes of a trigger's size; letters may be small, and `K` is 1000. Raises `ValueError`."""
    try:
        return sizes.parse(text.upper().replace("I", "i"))
    except ValueError:
        return sizes.parse(text)  # for its complaint about what was written


def _has_commits(tx: Tx, old: CommitRow | None, new: CommitRow, wanted: int) -> bool:
    for row in line(tx, new.id):
        is_first = row.parent is None and row.origin is OriginKind.AUTO
        if is_first or (old is not None and row.id == old.id):
            return False
        wanted -= 1
        if wanted == 0:
            return True
    return False


def _check_schedule(kind: str, text: str) -> None:
    try:
        Schedule.parse(text)
    except ValueError as error:
        raise InvalidArgument(
            f'invalid trigger {kind} spec: "{text}": {error}', "write five cron fields or @every 1h"
        ) from None


def _check_loop(tx: Tx, row: BranchRow, trigger: Trigger) -> None:
    seen = {row.branch.name}
    following: Trigger | None = trigger
    while following:
        if following.branch in seen:
            raise InvalidArgument("triggers cannot form a loop")
        seen.add(following.branch)
        following = read_trigger(branch_row(tx, Branch(row.branch.repo, following.branch)).trigger)
