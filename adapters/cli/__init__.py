"""The command line: turns arguments into settings, and runs commands."""
