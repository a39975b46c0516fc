"""Settings from command line, environment and file, by one set of rules."""
