"""The gRPC server: translates messages to calls of the rooms below, and errors to statuses."""
