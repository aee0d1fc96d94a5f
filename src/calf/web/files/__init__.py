"""Repos, commits and files: looked at, compared, fetched and put."""
