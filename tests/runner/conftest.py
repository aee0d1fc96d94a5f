from tests.runner.benches import bench, best, isolated, open_bench, runner, store
from tests.runner.image_benches import image_bench, open_image_bench
from tests.runner.suite import pytest_collection_modifyitems

__all__ = [
    "bench",
    "best",
    "image_bench",
    "isolated",
    "open_bench",
    "open_image_bench",
    "pytest_collection_modifyitems",
    "runner",
    "store",
]
