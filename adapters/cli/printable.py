"""Texts of others, made fit for a terminal."""


def printable(text: str) -> str:
    """Replace what could steer a terminal: some words are the venue's."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
