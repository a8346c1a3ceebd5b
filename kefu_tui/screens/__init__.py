"""Full screens and what lies over them: each gets its rows and verbs from the desk, and its keys from the app."""
