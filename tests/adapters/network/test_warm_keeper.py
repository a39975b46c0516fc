import threading

from adapters.network.warm_keeper import WarmKeeper


def test_connections_are_tried_at_once_and_again_until_it_is_closed() -> None:
    tried = threading.Semaphore(0)

    def keep_warm() -> bool:
        tried.release()
        return True

    keeper = WarmKeeper(keep_warm, thread_name="keep-warm")

    keeper.start()
    assert tried.acquire(timeout=10)
    assert tried.acquire(timeout=10)
    keeper.close()

    assert not any(one.name == "keep-warm" for one in threading.enumerate())


def test_one_that_was_never_started_can_be_closed() -> None:
    WarmKeeper(lambda: True, thread_name="keep-warm").close()
