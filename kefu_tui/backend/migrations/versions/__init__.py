"""Each migration of the backend's tables, in order."""
