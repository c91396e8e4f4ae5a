import os
import threading
import warnings

from destinations.runtime.flushing import Flusher
from tests.until import until


class Held:
    """A sink in memory."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.written: list[list[int]] = []
        self.by: list[str] = []

    def flush(self) -> None:
        if self.held:
            taken, self.held = self.held, []
            self.written.append(taken)
            self.by.append(threading.current_thread().name)

    def forget(self) -> None:
        self.held = []


class Failing(Held):
    def flush(self) -> None:
        raise ZeroDivisionError


def made(every_seconds: float = 0.05) -> tuple[Flusher, Held]:
    flusher, sink = Flusher(every_seconds), Held()
    flusher.add(sink)
    return flusher, sink


def leave(flusher: Flusher, sink: Held, *numbers: int, soon: bool = False) -> None:
    for number in numbers:
        sink.held.append(number)
        flusher.request_flush(soon=soon)


def test_what_is_left_together_is_written_together_by_another_thread(db):
    flusher, sink = made()
    flusher.start()

    leave(flusher, sink, 1, 2, 3)
    until(lambda: sink.written)
    leave(flusher, sink, 4)
    until(lambda: len(sink.written) == 2)
    flusher.stop()

    assert sink.written == [[1, 2, 3], [4]]
    assert set(sink.by) == {"flusher"}


def test_a_sink_that_fails_keeps_no_other_from_being_written(db):
    flusher, sink = Flusher(0.05), Held()
    flusher.add(Failing())
    flusher.add(sink)
    flusher.start()

    leave(flusher, sink, 1)
    until(lambda: sink.written)
    leave(flusher, sink, 2)
    until(lambda: len(sink.written) == 2)
    flusher.stop()


def test_a_full_sink_is_flushed_at_once(db):
    flusher, sink = made(every_seconds=3600)
    flusher.start()

    leave(flusher, sink, 1, soon=True)

    until(lambda: sink.written)
    flusher.stop()


def test_what_is_left_when_it_stops_is_written(db):
    flusher, sink = made(every_seconds=3600)
    flusher.start()
    leave(flusher, sink, 1)

    flusher.stop()

    assert sink.written == [[1]]
    leave(flusher, sink, 2)
    flusher.stop()
    assert sink.held == [2]


def test_nothing_runs_before_it_is_started(db):
    flusher, sink = made()
    before = threading.active_count()

    leave(flusher, sink, 1, soon=True)

    assert threading.active_count() == before
    assert sink.written == []


def test_many_threads_begin_one(db):
    before = set(threading.enumerate())
    flusher, sink = made(every_seconds=3600)
    flusher.start()
    threads = [threading.Thread(target=leave, args=(flusher, sink, n)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    begun = set(threading.enumerate()) - before
    assert [thread.name for thread in begun].count("flusher") == 1
    flusher.stop()
    assert sorted(number for taken in sink.written for number in taken) == list(range(20))


def test_a_forked_process_writes_what_it_was_left_itself_and_nothing_of_its_parent(db):
    flusher, sink = made()
    flusher.start()
    sink.held = [1]
    read, write = os.pipe()
    with warnings.catch_warnings():
        # From 3.12 on Python warns of other tests' threads, which the child does not need.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        flusher.after_fork()
        leave(flusher, sink, 2)
        until(lambda: sink.written)
        os.write(write, repr(sink.written).encode())
        os._exit(0)

    os.waitpid(child, 0)

    assert os.read(read, 100) == b"[[2]]"
    flusher.stop()
    assert sink.written == [[1]]
