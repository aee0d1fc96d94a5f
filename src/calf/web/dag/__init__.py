"""The page of a project: its graph now, as of a commit set, or what changed between two."""
