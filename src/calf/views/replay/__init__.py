"""Running a job of the past again, and saying whether it makes the same."""
