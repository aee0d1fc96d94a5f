"""What `make run` and `make reproduce` do, as a gRPC client: nothing that a user could not type."""
