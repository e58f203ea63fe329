"""What the peers in Python share: a row's work, and how values are made comparable."""

import hashlib
import re
import time


class Work:
    """One row of one peer.

    `run` is timed; `value` makes the value that is compared with the other peers', outside the timed
    part; `figure(seconds, result)` is the figure, if it is not the time of `run`; `close` releases what
    the preparation made.
    """

    def __init__(self, run, value=lambda result: result, figure=None, close=None):
        self.run = run
        self.value = value
        self.figure = figure
        self.close = close


class Rows(dict):
    """The rows of a peer by name: functions that take the sizes and return a Work."""

    def row(self, *names):
        def register(prepare):
            for name in names:
                self[name] = prepare
            return prepare

        return register


def digest(lines):
    """A digest of strings in any order, equal to that of node/work.ts."""
    lines = sorted(lines)
    text = "\n".join(lines).encode()
    return f"{len(lines)}:{hashlib.sha256(text).hexdigest()[:16]}"


def digest_pairs(pairs):
    return digest(f"{key}\t{value}" for key, value in pairs)


def weighted_sum(values):
    """A sum of numbers with their positions as weights."""
    return sum(float(value) * (i + 1) for i, value in enumerate(values))


def each(count):
    return lambda seconds, _: seconds / count


def quantile(times, part):
    return sorted(times)[int(len(times) * part)]


def round_trips(rows, call):
    """Adds the rows of a peer that computes x + 1 elsewhere. `call` returns a function, and may start it."""

    def measure(part):
        def prepare(size):
            ask = call()

            def times_of(count):
                times = []
                for x in range(count):
                    start = time.perf_counter()
                    result = ask(x)
                    times.append(time.perf_counter() - start)
                    if result != x + 1:
                        raise ValueError("a call returned a wrong value")
                return times

            times_of(size["calls"] // 2)
            return Work(
                lambda: times_of(size["calls"]),
                len,
                lambda _, times: quantile(times, part),
            )

        return prepare

    rows["round-trip"] = measure(0.5)
    rows["round-trip-p99"] = measure(0.99)


# The items of the bag rows, which every peer makes alike.

PATTERN = r'"GET /item/\d+[02468] HTTP[^"]*" 5\d\d '
is_match = re.compile(PATTERN).search


def key_of(i, keys):
    return i * 1031 % keys


def name_of(i, keys):
    return f"name-{i * 1031 % keys}"
