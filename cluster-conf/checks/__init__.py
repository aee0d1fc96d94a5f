"""The checks of cluster-conf: `make conf-check`."""
