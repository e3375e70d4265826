"""HTTP plumbing with no domain in it."""
