"""Being a process: signals, logs without secrets, and a child process of our own."""
