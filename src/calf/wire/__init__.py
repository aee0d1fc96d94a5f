"""The API of Pachyderm 2.x as facts: descriptors in a private pool, and conversion to the model."""
