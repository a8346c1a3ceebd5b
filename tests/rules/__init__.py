"""Tests of the rules: tables of cases and properties."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("KEFU_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
"""Real data that does not ship; tests that read it skip where it is missing."""
