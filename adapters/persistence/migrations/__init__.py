"""The steps from an empty database to today's tables; never edited once released."""
