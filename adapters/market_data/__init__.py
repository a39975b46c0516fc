"""What a feed needs whichever venue it reads.

Ways to the recipients, handovers between connections, and how old events are.
"""
