"""Intake: from a client's request to an order with an executor."""
