"""The desk's database."""
