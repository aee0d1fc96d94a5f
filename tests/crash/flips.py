"""Bits are flipped in every file of a small data folder: each is found, or proven to change nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, cast

from calf.daemon.signing_key import load_or_make
from calf.kit.errors import CalfError
from calf.model.errors import IntegrityError
from calf.pfs import fsck
from calf.pfs.engine import Pfs
from calf.pps import checks
from calf.pps.attest.attestor import Attestor
from calf.pps.attest.checking import attest_checks
from calf.pps.engine import Pps
from calf.pps.settings import Settings
from calf.runner.cpu import read_machine
from calf.runner.images.store import ImageStore
from calf.storage.logs import FileLogStore

Rows = dict[str, list[Any]]


@dataclass
class Tally:
    """How many flips, and what became of them: `unnoticed` by what they changed, `wrong` bytes served."""

    flips: int = 0
    found: int = 0
    harmless: int = 0
    unnoticed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def rows_of(home: Path) -> Rows:
    """Every row of the metadata."""
    with closing(sqlite3.connect(home / "metadata.sqlite")) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


def faults(home: Path) -> list[str]:
    """What opening the folder and `fsck --verify` say."""
    try:
        pfs = Pfs.open(home, clock=lambda: 0.0)
    except (CalfError, sqlite3.DatabaseError, OSError) as error:
        return [f"it does not open: {error}"]
    try:
        attestor = Attestor(load_or_make(home), read_machine("1"))
        pps = Pps(
            pfs,
            cast(Any, None),
            ImageStore(home),
            FileLogStore(home / "logs", lambda: 0.0),
            Settings(),
            attestor,
        )
        wanted = [*fsck.checks(pfs, verify=True), *checks.checks(pfs), *attest_checks(pps)]
        return [str(each) for each in fsck.run(pfs, wanted)]
    except CalfError as error:
        return [error.message]
    except (
        sqlite3.DatabaseError,
        ValueError,
        UnicodeError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        AttributeError,
        AssertionError,
    ) as error:
        return [f"untyped: {type(error).__name__} {error}"]
    finally:
        pfs.close()


def objects_of(home: Path) -> dict[bytes, bytes]:
    """Every object, read."""
    pfs = Pfs.open(home, clock=lambda: 0.0)
    try:
        return {oid: sha256(pfs.store.get(oid)).digest() for oid in pfs.store.objects()}
    finally:
        pfs.close()


def served(home: Path, objects: dict[bytes, bytes]) -> Iterator[str]:
    """Objects that come with other bytes than they had."""
    try:
        pfs = Pfs.open(home, clock=lambda: 0.0)
    except (CalfError, sqlite3.DatabaseError, OSError):
        return
    try:
        for oid, digest in objects.items():
            try:
                if sha256(pfs.store.get(oid)).digest() != digest:
                    yield f"object {oid.hex()} is served with other bytes"
            except IntegrityError:
                continue
    finally:
        pfs.close()


def flip(file: Path, offset: int, bit: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        (byte,) = opened.read(1)
        opened.seek(offset)
        opened.write(bytes([byte ^ 1 << bit]))


def try_flips(base: Path, name: str, offsets: list[int], seed: int, work: Path) -> Tally:
    """Flip one bit at each of these places of the file `name`, each in a fresh copy of the folder."""
    tally, random = Tally(), Random(seed)
    copies = partial(shutil.copytree, base, work, ignore=shutil.ignore_patterns("runner", "*.sock"))
    shutil.rmtree(work, ignore_errors=True)
    copies()  # the other worker copies the base, so nobody opens that
    rows, objects = rows_of(work), objects_of(work)
    for offset in offsets:
        shutil.rmtree(work, ignore_errors=True)
        copies()
        flip(work / name, offset, random.randrange(8))
        tally.flips += 1
        said = faults(work)
        tally.wrong.extend(f"{name} at {offset}: {each}" for each in served(work, objects))
        if said:
            tally.found += 1
            if said[0].startswith("untyped"):
                tally.unnoticed[said[0]] += 1
            continue
        now = rows_of(work)
        if now == rows:
            tally.harmless += 1
        else:
            tally.unnoticed[",".join(sorted(key for key in rows | now if rows.get(key) != now.get(key)))] += 1
    return tally
