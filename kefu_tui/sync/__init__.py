"""Carrying operations to the backend and its changes back: transport, engine, worker."""
