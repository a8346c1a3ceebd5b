"""The desk's own database: engine, outbox, shadow rows, pages, queries."""
