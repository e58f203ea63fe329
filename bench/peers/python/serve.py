"""A long-lived peer in Python: `python serve.py <peer>`.

Requests come as lines of JSON on the standard input, answers go to file descriptor 3. It ends when its
input ends.
"""

import importlib
import json
import os
import sys
import time
import traceback

# Which module has which peer.
MODULES = {
    "dask-threads": "dask_peer",
    "dask-processes": "dask_peer",
    "dask-distributed": "dask_peer",
    "numpy": "numpy_peer",
    "scipy": "scipy_peer",
    "duckdb": "duckdb_peer",
    "polars": "polars_peer",
    "ray": "ray_peer",
}


def run(work):
    start = time.perf_counter()
    result = work.run()
    seconds = time.perf_counter() - start
    message = {"seconds": seconds}
    if work.figure is not None:
        message["figure"] = float(work.figure(seconds, result))
    message["value"] = work.value(result)
    return message


def plain(value):
    """Converts numbers of NumPy."""
    return value.item()


def main():
    name = sys.argv[1]
    os.set_inheritable(3, False)
    answers = os.fdopen(3, "w")

    def answer(message):
        answers.write(json.dumps(message, default=plain) + "\n")
        answers.flush()

    rows, close = importlib.import_module(MODULES[name]).open_peer(name)
    answer({"ready": True})
    current = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "prepare":
                prepare = rows.get(request["row"])
                if prepare is None:
                    raise KeyError(f"{name} has no row {request['row']}")
                current = prepare(request["size"])
                answer({"ok": True})
            elif request["op"] == "run":
                answer(run(current))
            else:
                if current is not None and current.close is not None:
                    current.close()
                current = None
                answer({"ok": True})
        except Exception as error:
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})
    close()


# Processes that Dask starts import this file under another name.
if __name__ == "__main__":
    main()
