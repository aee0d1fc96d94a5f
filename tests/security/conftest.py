from tests.runner.benches import bench, best, isolated, open_bench, runner, store
from tests.runner.suite import pytest_collection_modifyitems

__all__ = [
    "bench",
    "best",
    "isolated",
    "open_bench",
    "pytest_collection_modifyitems",
    "runner",
    "store",
]
