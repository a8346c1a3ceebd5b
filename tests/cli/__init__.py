"""The `kefu` command as people and scripts run it."""
