"""A thin gRPC client: as good against a real Pachyderm as against calf."""
