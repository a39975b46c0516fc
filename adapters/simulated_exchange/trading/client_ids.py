"""Makes client order ids for orders and cancels that come without one."""

import random
import string


LENGTH = 22
ALPHABET = string.ascii_letters + string.digits


class ClientIds:
    """Ids that follow from the seed and the time of the start."""

    def __init__(self, seed: int, start_ms: int) -> None:
        """Begin; another start makes other ids."""
        source = f"{seed}:{start_ms}:client ids"
        self._chance = random.Random(source)  # noqa: S311 - an exchange has to repeat

    def draw(self) -> str:
        """Make one."""
        return "".join(self._chance.choices(ALPHABET, k=LENGTH))
