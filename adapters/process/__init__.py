"""The operating-system process that we are: its signals, logs, threads and resources.

There is one. The only other is the simulated exchange (``child_process``).
"""
