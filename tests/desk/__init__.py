"""What the desk does and shows."""
