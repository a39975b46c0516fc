"""What a venue says: its rules, its answers, the account, outcomes that are unknown.

Values only. How a venue is reached is in ``domain/ports``.
"""
