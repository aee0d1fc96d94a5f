"""In what the identity of a datum differs from that of its last good run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from calf.db.tx import Tx
from calf.kit.narrow import narrowed
from calf.model.errors import CalfError
from calf.model.identity import Recipe
from calf.model.pps_infos import DatumInput
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.storage import trees

INPUTS = "inputs"
MOST_PATHS = 20
"""How many changed files of one directory are named."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of an identity that is not as it was: `name` says which variable or path, `kind` is `added`,
    `removed` or `changed`.

    `part` is `new` (no former run), `failed`, `every_job`, `salt`, `rule`, `inputs`, or a part of the code:
    `image`, `cmd`, `stdin`, `env`, ...
    """

    part: str
    name: str = ""
    kind: str = "changed"
    before: str = ""
    after: str = ""

    @property
    def detail(self) -> str:
        """The change in a few words, of long texts what differs, for counting datums that share it; inputs
        are not named.
        """
        if self.part == INPUTS:
            return ""
        change = " -> ".join(word for word in narrowed(self.before, self.after) if word)
        return f"{self.name} {self.kind}: {change}" if self.name else change


def of_code(old: Recipe | None, new: Recipe | None) -> Iterator[Difference]:
    """What differs in the code that runs, for all datums of a pipeline alike."""
    if old is None or new is None:
        if old is not new:
            before, after = ("pachyderm", "calf") if old is None else ("calf", "pachyderm")
            yield Difference("rule", before=before, after=after)
        return
    for field in Recipe.__slots__:
        before, after = getattr(old, field), getattr(new, field)
        if field == "env":
            yield from _of_variables(dict(before), dict(after))
        elif before != after:
            yield Difference(field, before=_shown(before), after=_shown(after))


def _of_variables(old: dict[str, str], new: dict[str, str]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            kind = "added" if name not in old else "removed" if name not in new else "changed"
            yield Difference("env", name, kind, old.get(name, ""), new.get(name, ""))


def of_inputs(pfs: Pfs, tx: Tx, old: Sequence[DatumInput], new: Sequence[DatumInput]) -> Iterator[Difference]:
    """What differs in the files that a datum reads; of a directory, the files below it."""
    before = {(item.name, item.path): item for item in old}
    for item in new:
        former = before.get((item.name, item.path))
        if former is None:
            yield Difference(INPUTS, _named(item, item.path), "added", after=item.hash.hex())
        elif former.hash != item.hash and not item.reference:
            yield from _of_input(pfs, tx, former, item)
        elif _form(former) != _form(item):
            yield Difference(INPUTS, _named(item, item.path), "changed", _form(former), _form(item))


def _of_input(pfs: Pfs, tx: Tx, old: DatumInput, new: DatumInput) -> Iterator[Difference]:
    if not new.path.endswith("/"):
        yield Difference(INPUTS, _named(new, new.path), "changed", old.hash.hex(), new.hash.hex())
        return
    try:
        roots = commits.root(tx, old.commit), commits.root(tx, new.commit)
    except CalfError:  # the former commit is gone: which files differ cannot be known any more
        yield Difference(INPUTS, _named(new, new.path), "changed", old.hash.hex(), new.hash.hex())
        return
    pairs = trees.diff(pfs.store.get, *roots, new.path.rstrip("/") or "/")
    files = ((a, b) for a, b in pairs if not any(node is not None and node.is_dir for node in (a, b)))
    for before, after in islice(files, MOST_PATHS):
        kind = "added" if before is None else "removed" if after is None else "changed"
        node = after or before
        yield Difference(
            part=INPUTS,
            name=_named(new, node.path if node else new.path),
            kind=kind,
            before=before.hash.hex() if before else "",
            after=after.hash.hex() if after else "",
        )


def _named(item: DatumInput, path: str) -> str:
    return f"/pfs/{item.name}{path}"


def _form(item: DatumInput) -> str:
    """All that a stage sees of an input besides its content."""
    form = "lazy" if item.lazy else "empty files" if item.empty_files else "files"
    keys = [f"{word} {key}" for word, key in (("joined on", item.join_on), ("by", item.group_by)) if key]
    return ", ".join([form, *keys, *(["reference"] if item.reference else [])])


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(list(value) if isinstance(value, tuple | list) else value, ensure_ascii=False)
