"""Which operations are acts of their agent. What only goes along with them is none: told to colleagues, but by nobody's key."""

QUIET = frozenset({"ticket.look"})
"""Kinds that are no acts: not undone, not waited for, not counted as unsent; they make nothing else final, and a refusal
of one is no notice."""
ACT = f"kind NOT IN ({', '.join(repr(kind) for kind in sorted(QUIET))})"
"""The same as a condition on rows of the outbox."""
