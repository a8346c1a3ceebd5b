"""From outside: real processes, a real browser, a real terminal."""
