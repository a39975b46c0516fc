"""The steps from an empty database to today's tables; never edited once released.

There is no step 0006: the number was given out before it turned out that the change
behind it needed no step. A database remembers steps by name, so a hole does no harm.
"""
