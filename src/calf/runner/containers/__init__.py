"""Stages in containers of podman or docker: one container a worker, kept, in which its datums run in turn."""
