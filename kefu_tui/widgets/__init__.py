"""Panes and reusable widgets: each draws from rows handed to it and posts what the agent did."""
