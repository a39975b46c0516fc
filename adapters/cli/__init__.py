"""The command line: what a person types, made into settings."""
