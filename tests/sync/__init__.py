"""Desks, backend and an adversary."""
