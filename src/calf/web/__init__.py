"""The dashboard: what `pachctl` says in tables, in pictures. A gRPC client that keeps nothing."""
