"""Adapters to where customers write: one module per system, one small interface each."""
