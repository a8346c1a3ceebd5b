"""The tests of kefu."""
