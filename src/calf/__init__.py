"""A small Pachyderm: one process, one folder."""
