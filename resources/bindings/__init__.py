"""The services that can carry a role, one file each."""
