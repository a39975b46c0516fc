"""The service's own operating-system process: signals, logs, threads, resources.

There is one. The only other is the simulated exchange (``child_process``).
"""
