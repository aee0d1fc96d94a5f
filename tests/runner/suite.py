"""The suite that every backend passes: which tests belong to it, and on which backends they run here.

A test belongs to it by asking for the fixture `bench` or `isolated`, which give it each backend in turn. All
run on each backend that needs no engine, with every `make test`; in the containers of an engine, where each
worker waits for one, only those marked as a `sample`. `make backends-test` runs all of them everywhere.
"""

from __future__ import annotations

import os

import pytest

from calf.runner.backends import BACKENDS

WHOLE = "CALF_TEST_BACKENDS"
"""The variable that names the backends that are to run the whole suite, and nothing else."""
ISOLATED = [backend.name for backend in BACKENDS if backend.isolated]
CONTAINERS = {backend.name for backend in BACKENDS if backend.kept}

each_backend = [pytest.param(each.name, marks=pytest.mark.backend(each.name)) for each in BACKENDS]
each_container = [param for param in each_backend if param.values[0] in CONTAINERS]
each_isolated = [pytest.param(name, marks=pytest.mark.backend(name)) for name in ISOLATED]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not to run now."""
    asked = set(os.environ.get(WHOLE, "").split())
    kept = [item for item in items if _is_wanted(item, asked)]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if not _is_wanted(item, asked)])
        items[:] = kept


def _is_wanted(item: pytest.Item, asked: set[str]) -> bool:
    mark = item.get_closest_marker("backend")
    if mark is None:
        return not asked
    name = mark.args[0]
    return name in asked if asked else name not in CONTAINERS or item.get_closest_marker("sample") is not None
