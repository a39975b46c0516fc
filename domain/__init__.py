"""Pure decisions: no threads, clocks, I/O, logging or third-party services."""
