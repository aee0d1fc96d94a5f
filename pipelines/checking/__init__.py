"""Whether the specs work unchanged under calf and on a real Pachyderm."""
