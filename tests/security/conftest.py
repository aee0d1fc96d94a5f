from tests.runner.benches import bench, best, isolated, open_bench, runner, store

__all__ = ["bench", "best", "isolated", "open_bench", "runner", "store"]
