"""Who starts whom, and starts it again."""
