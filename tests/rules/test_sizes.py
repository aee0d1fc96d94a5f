"""The size rules of ARCHITECTURE.md: small files, small functions, names that say something."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

FILE_CEILING = 400
FUNCTION_CEILING = 60
MEDIAN_CEILING = 150
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "manager"}


def product(root: Path, tracked: list[Path]) -> list[Path]:
    homes = (
        root / "src",
        root / "stages",
        root / "pipelines",
        root / "data",
        root / "benchmarks",
        root / "proto",
    )
    return [path for path in tracked if path.suffix == ".py" and any(home in path.parents for home in homes)]


def test_no_file_is_over_the_ceiling(root: Path, tracked: list[Path]) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in product(root, tracked)}
    assert lengths
    assert {str(path): n for path, n in lengths.items() if n > FILE_CEILING} == {}


def test_the_median_file_is_small(root: Path, tracked: list[Path]) -> None:
    assert median(len(path.read_text().splitlines()) for path in product(root, tracked)) <= MEDIAN_CEILING


def test_no_function_is_over_the_ceiling(root: Path, tracked: list[Path]) -> None:
    long = []
    for path in product(root, tracked):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_CEILING:
                    long.append(f"{path.relative_to(root)}:{node.lineno} {node.name} has {length} lines")
    assert long == []


def test_module_names_say_something(root: Path, tracked: list[Path]) -> None:
    assert [str(path) for path in product(root, tracked) if path.stem in EMPTY_NAMES] == []
