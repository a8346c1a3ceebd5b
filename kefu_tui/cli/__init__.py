"""The `kefu` command: one module per noun, no logic of its own."""
