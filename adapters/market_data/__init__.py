"""What a feed needs, whatever venue it reads.

Ways to the recipients, handovers between connections, and how old events are.
"""
