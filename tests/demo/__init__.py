"""Tests of the demo, of filled stores and of the bench."""
