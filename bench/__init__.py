"""Measuring: the table of how fast kefu is and how its cost grows, and long runs with faults."""
