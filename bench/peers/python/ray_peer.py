"""Ray with two worker processes: tasks, calls and transfers."""

import os
import time

import numpy as np
import ray
from work import Rows, Work, each, round_trips

rows = Rows()
is_started = False


def start():
    global is_started
    if is_started:
        return
    is_started = True
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=os.environ["RAY_FOLDER"])


@ray.remote
def empty(i):
    return i


@ray.remote
def add_one(x):
    return x + 1


@ray.remote
def make_array(size):
    return np.ones(size // 8)


@ray.remote
def sum_of(array):
    return float(array.sum())


@rows.row("empty-tasks", "few-empty-tasks")
def empty_tasks(size):
    start()
    tasks = size["slowTasks"]

    def run():
        return len(ray.get([empty.remote(i) for i in range(tasks)]))

    return Work(run, lambda count: count / tasks, each(tasks))


@rows.row("fetch")
def fetch(size):
    start()

    def run():
        made = make_array.remote(size["bytes"])
        ray.wait([made], fetch_local=False)
        begin = time.perf_counter()
        length = len(ray.get(made))
        return time.perf_counter() - begin, length

    return Work(run, lambda result: result[1], lambda _, result: result[0])


@rows.row("scatter")
def scatter(size):
    start()
    array = np.ones(size["bytes"] // 8)
    return Work(lambda: ray.put(array), lambda _: len(array))


@rows.row("scatter-and-use")
def scatter_and_use(size):
    start()
    array = np.ones(size["bytes"] // 8)
    return Work(lambda: ray.get(sum_of.remote(ray.put(array))))


@rows.row("first-cluster")
def first_cluster(_):
    def run():
        start()
        return ray.get(add_one.remote(1))

    return Work(run)


def call():
    start()
    return lambda x: ray.get(add_one.remote(x))


round_trips(rows, call)


def open_peer(_):
    return rows, ray.shutdown
