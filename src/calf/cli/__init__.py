"""pachctl: a gRPC client for people and scripts."""
