"""Versioned data: projects, repos, branches, commits, files, provenance, and the checks of them."""
