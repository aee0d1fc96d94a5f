from tests.runner.benches import bench, isolated, open_bench, runner, store

__all__ = ["bench", "isolated", "open_bench", "runner", "store"]
