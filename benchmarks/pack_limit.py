"""The physical limit: BLAKE3, one pack, an index in SQLite, one fsync. No commits, no server, no way back.

python pack_limit.py put FOLDER STORE
python pack_limit.py get STORE FOLDER
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from blake3 import blake3


def put(folder: str, store: str) -> None:
    """Store the files of a folder that are not there yet."""
    os.makedirs(store, exist_ok=True)  # noqa: PTH103 - pathlib's import alone would be a tenth of the time
    db = sqlite3.connect(f"{store}/index.sqlite")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE IF NOT EXISTS objects (id BLOB PRIMARY KEY, pack, at, size) WITHOUT ROWID")
    db.execute("CREATE TABLE IF NOT EXISTS files (path TEXT, id BLOB)")
    known = {row[0] for row in db.execute("SELECT id FROM objects")}
    objects, files, at = [], [], 0
    pack = f"{store}/{os.getpid()}.pack"
    with open(pack, "wb", 1 << 20) as out:  # noqa: PTH123 - as above
        for entry in os.scandir(folder):
            with open(entry.path, "rb", 0) as file:  # noqa: PTH123 - as above
                data = file.read()
            oid = blake3(data).digest()
            files.append((entry.name, oid))
            if oid not in known:
                known.add(oid)
                out.write(data)
                objects.append((oid, pack, at, len(data)))
                at += len(data)
        out.flush()
        os.fsync(out.fileno())
    with db:
        db.executemany("INSERT INTO objects VALUES (?, ?, ?, ?)", objects)
        db.executemany("INSERT INTO files VALUES (?, ?)", files)


def get(store: str, folder: str) -> None:
    """Write all files."""
    db, packs = sqlite3.connect(f"{store}/index.sqlite"), {}
    rows = db.execute("SELECT path, pack, at, size FROM files JOIN objects USING (id) ORDER BY pack, at")
    Path(folder).mkdir()
    for path, pack, at, size in rows:
        if pack not in packs:
            packs[pack] = os.open(pack, os.O_RDONLY)
        with open(f"{folder}/{path}", "wb", 0) as out:  # noqa: PTH123 - as above
            out.write(os.pread(packs[pack], size, at))


if __name__ == "__main__":
    {"put": put, "get": get}[sys.argv[1]](sys.argv[2], sys.argv[3])
