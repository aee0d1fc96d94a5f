"""How `make images` builds what runs in containers: twice with podman, the same bytes or an error."""
