"""`except Exception` stands in four named places only: each turns the unexpected into a reported failure."""

from __future__ import annotations

import ast
from pathlib import Path

ALLOWED = {
    "src/calf/rpc/handlers.py",  # RPC: INTERNAL with an id, traceback to the server's log
    "src/calf/pps/scheduler/loop.py",  # scheduler tick: the job fails with the reason, others go on
    "src/calf/pps/scheduler/pool.py",  # worker loop: the datum fails with the reason
    "src/calf/cli/root.py",  # command line: one line instead of a traceback
}


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in kinds
    )


def swallows(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def test_broad_excepts_stand_only_where_they_are_named(root: Path, tracked: list[Path]) -> None:
    found = set()
    for path in tracked:
        if path.suffix == ".py" and root / "src" / "calf" in path.parents:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ExceptHandler) and is_broad(node) and swallows(node):
                    found.add(str(path.relative_to(root)))
    assert found - ALLOWED == set()
