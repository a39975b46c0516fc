"""What a venue says: its rules, its answers, the account, outcomes that are unknown."""
