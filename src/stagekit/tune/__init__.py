"""The search of hyper-parameters: seeded, in one process, the baseline as its first trial."""
