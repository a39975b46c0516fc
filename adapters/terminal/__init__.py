"""What an operator sees: the banner at start and the summary of every ended order."""
