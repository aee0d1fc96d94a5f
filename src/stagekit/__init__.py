"""The machine learning library of the stages: knows nothing of the engine that runs them."""
