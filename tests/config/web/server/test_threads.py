"""Requests are answered by as few threads as there are requests at once."""

import threading

from config.web.server.threads import RequestThreads
from tests.until import until

PATIENCE_SECONDS = 30


class Request:
    path = "/"


class Task:
    def __init__(self, work) -> None:
        self._work = work
        self.requests = [Request()]

    def service(self) -> None:
        self._work()


def wait_until_idle(threads: RequestThreads) -> None:
    until(lambda: not (threads.active_count or threads.queue))


def test_requests_one_after_the_other_have_one_thread():
    threads, used = RequestThreads(), set()
    threads.set_thread_count(8)
    for _ in range(20):
        wait_until_idle(threads)
        threads.add_task(Task(lambda: used.add(threading.get_ident())))

    wait_until_idle(threads)
    assert len(used) == 1
    threads.shutdown()


def test_requests_at_once_have_a_thread_each():
    threads, together = RequestThreads(), threading.Barrier(8)
    threads.set_thread_count(8)
    for _ in range(3):
        for _ in range(8):
            threads.add_task(Task(lambda: together.wait(PATIENCE_SECONDS)))
        wait_until_idle(threads)

    assert not together.broken
    threads.shutdown()
