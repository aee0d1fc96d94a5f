"""Reads some rows of the Parquet file on standard input and writes them as JSON; a process with bounds.

Usage: `python -I parquet_reader.py START NUMBER COLUMNS CELL < FILE > ROWS`; of wide tables the first columns
are read, of long values CELL characters. The output must be a file: how large those get can be limited.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

_MEMORY = 3 << 30
_SECONDS = 15
_WRITTEN = 32 << 20


def main() -> None:
    """Read, and say what was found or what was wrong."""
    for limit, most in (
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        found = read(*map(int, sys.argv[1:5]))
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        found = {"error": str(error)[:200]}
    json.dump(found, sys.stdout)


def read(start: int, number: int, width: int, cell: int) -> dict[str, Any]:
    """Rows from `start`, at most `number` of them, out of the groups of rows that they are in."""
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(pa.PythonFile(sys.stdin.buffer, "r")) as file:
        schema = file.schema_arrow
        names = schema.names[:width]
        groups, skipped = _groups(file.metadata, start, number)
        rows: list[list[str | None]] = []
        passed = 0
        if groups and schema.names:
            for batch in file.iter_batches(
                batch_size=1024, row_groups=groups, columns=names, use_threads=False
            ):
                rows += _rows(batch, max(skipped - passed, 0), number - len(rows), cell)
                passed += batch.num_rows
                if len(rows) >= number:
                    break
        return {
            "columns": list(schema.names),
            "types": [_type(field.type) for field in schema],
            "exact_types": [str(field.type)[:400] for field in schema],
            "rows": rows,
            "total": file.metadata.num_rows,
        }


def _groups(metadata: Any, start: int, number: int) -> tuple[list[int], int]:
    """The groups that hold the rows, and how many rows of the first of them come before."""
    groups: list[int] = []
    first, skipped = 0, 0
    for group in range(metadata.num_row_groups):
        length = metadata.row_group(group).num_rows
        if first + length > start and first < start + number:
            if not groups:
                skipped = start - first
            groups.append(group)
        first += length
    return groups, skipped


def _rows(batch: Any, skip: int, most: int, cell: int) -> list[list[str | None]]:
    part = batch.slice(min(skip, batch.num_rows), most)
    columns = [column.to_pylist() for column in part.columns]
    return [[_words(value, cell) for value in row] for row in zip(*columns, strict=True)]


def _words(value: Any, cell: int) -> str | None:
    if value is None:
        return None
    return (value[:cell].hex() if isinstance(value, bytes) else str(value))[:cell]


def _type(kind: Any) -> str:
    from pyarrow import types

    if types.is_integer(kind):
        return "integer"
    return "number" if types.is_floating(kind) or types.is_decimal(kind) else str(kind)[:40]


if __name__ == "__main__":
    main()
