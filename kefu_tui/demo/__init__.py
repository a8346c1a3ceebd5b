"""Practice: the demo shop with customers and scripted agents, a small shop on one machine, stores filled for tests."""
