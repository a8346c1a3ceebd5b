"""Long runs with faults: histories in virtual time, and real processes behind a proxy that does its worst."""
