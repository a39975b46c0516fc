"""A database and what lies beside it are read by nobody who may not."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.owned_database import claim_database
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import new_order


BESIDE = ("-wal", "-shm", "-lock")


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_in_use(path: Path) -> dict[str, int]:
    """Return the modes of all files while a service works with the database."""
    url = f"sqlite:///{path}"
    claim = claim_database(url)
    store = open_store(url)
    store.write([new_order(1)])
    queries = open_queries(url)
    queries.orders(OrderFilter())
    names = [one for one in ("", *BESIDE) if Path(f"{path}{one}").exists()]
    found = {name: mode(Path(f"{path}{name}")) for name in names}
    queries.close()
    store.close()
    claim.give_back()
    return found


def test_new_database_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    found = modes_in_use(tmp_path / "orders.db")

    assert {"", "-wal", "-shm"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_database_that_its_owner_opened_to_others_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o640)

    found = modes_in_use(path)

    assert found[""] == 0o640
    assert not any(allowed & ~0o640 for allowed in found.values())


def test_files_that_a_crash_left_open_are_closed_like_the_database(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.db"
    open_store(f"sqlite:///{path}").close()
    for name in BESIDE:
        Path(f"{path}{name}").touch(0o666)
        Path(f"{path}{name}").chmod(0o666)

    found = modes_in_use(path)

    assert set(found.values()) == {0o600}


def test_files_that_a_crash_left_open_are_closed_behind_a_link_too(
    tmp_path: Path,
) -> None:
    path, link = tmp_path / "orders.db", tmp_path / "link.db"
    open_store(f"sqlite:///{path}").close()
    link.symlink_to(path)
    for name in BESIDE:
        Path(f"{path}{name}").touch(0o666)
        Path(f"{path}{name}").chmod(0o666)

    modes_in_use(link)

    left = [Path(f"{path}{name}") for name in BESIDE]
    assert {mode(one) for one in left if one.exists()} == {0o600}


def test_database_behind_a_link_is_made_where_the_link_leads(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "orders.db")

    modes_in_use(link)

    assert mode(tmp_path / "orders.db") == 0o600
    assert link.is_symlink()
