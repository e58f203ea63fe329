"""Dask on threads, on processes, and distributed. What runs a row is started when it is first needed."""

import operator
import os
import time

from dask_tables import table_rows
from work import Rows, Work, each, round_trips


def empty(i):
    return i


def add_one(x):
    return x + 1


def tree_leaf():
    return 1


class Threads:
    """Runs collections with one of the local schedulers."""

    def __init__(self, scheduler):
        self.scheduler = scheduler

    def start(self):
        pass

    def compute(self, collection):
        return collection.compute(scheduler=self.scheduler, num_workers=2)

    def persist(self, collection):
        return collection.persist(scheduler=self.scheduler, num_workers=2)

    def get(self, graph, key):
        from dask.threaded import get

        return get(graph, key, num_workers=2)

    def close(self):
        pass


class Processes(Threads):
    """With a pool of two processes that lives as long as this peer."""

    pool = None

    def start(self):
        if self.pool is not None:
            return
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        import dask

        self.pool = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
        dask.config.set(pool=self.pool)

    def get(self, graph, key):
        from dask.multiprocessing import get

        return get(graph, key, num_workers=2)

    def close(self):
        if self.pool is not None:
            self.pool.shutdown()


class Distributed(Threads):
    """On a LocalCluster of two worker processes."""

    cluster = None

    def start(self):
        if self.cluster is None:
            self.cluster, self.client = start_cluster()

    def compute(self, collection):
        return self.client.compute(collection).result()

    def persist(self, collection):
        from distributed import wait

        persisted = self.client.persist(collection)
        wait(persisted)
        return persisted

    def get(self, graph, key):
        return self.client.get(graph, key)

    def close(self):
        if self.cluster is not None:
            self.client.close()
            self.cluster.close()


def start_cluster():
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    return cluster, Client(cluster)


def task_rows(rows, runner):
    @rows.row("empty-tasks", "few-empty-tasks")
    def empty_tasks(size):
        runner.start()
        tasks = size["slowTasks"] if runner.scheduler != "threads" else size["tasks"]
        graph = {f"task-{i}": (empty, i) for i in range(tasks)}
        graph["total"] = (len, [f"task-{i}" for i in range(tasks)])
        return Work(lambda: runner.get(graph, "total"), lambda count: count / tasks, each(tasks))

    @rows.row("first-compute")
    def first_compute(_):
        # The processes are a part of the first computation.
        import dask.array as da

        def run():
            runner.start()
            return runner.compute(da.ones(4, chunks=2).sum())

        return Work(run, float)


def building_rows(rows, runner):
    import dask
    import dask.array as da
    from dask import delayed

    def tiny_blocks(blocks):
        return ((da.ones(blocks, chunks=1) + 1) * 2).sum()

    @rows.row("build-array")
    def build_array(size):
        blocks = size["blocks"]
        return Work(
            lambda: dask.optimize(tiny_blocks(blocks)), lambda _: 1, each(blocks)
        )

    @rows.row("build-delayed")
    def build_delayed(size):
        leaf = delayed(tree_leaf)
        plus = delayed(operator.add)

        def run():
            level = [leaf() for _ in range(size["leaves"])]
            while len(level) > 1:
                level = [plus(a, b) for a, b in zip(level[::2], level[1::2])]
            return level[0]

        return Work(run, lambda _: 1, each(size["calls"]))

    @rows.row("partitions")
    def partitions(size):
        runner.start()
        blocks = size["blocks"]
        return Work(
            lambda: runner.compute(tiny_blocks(blocks)), lambda total: total / blocks, each(blocks)
        )

    @rows.row("first-graph")
    def first_graph(size):
        runner.start()

        def timed():
            start = time.perf_counter()
            runner.compute(tiny_blocks(size["blocks"]))
            return time.perf_counter() - start

        return Work(
            lambda: (timed(), timed()), lambda _: 1, lambda _, times: times[0] / times[1]
        )


def cluster_rows(rows, runner):
    import numpy as np
    from distributed import wait

    def make_array(size, salt):
        return np.ones(size // 8)

    @rows.row("fetch")
    def fetch(size):
        runner.start()
        client = runner.client

        def run():
            future = client.submit(make_array, size["bytes"], 0, pure=False)
            wait(future)
            start = time.perf_counter()
            length = len(future.result())
            return time.perf_counter() - start, length

        return Work(run, lambda result: result[1], lambda _, result: result[0])

    @rows.row("scatter")
    def scatter(size):
        runner.start()
        array = np.ones(size["bytes"] // 8)

        def run():
            array[0] += 1
            future = runner.client.scatter(array)
            wait(future)
            return future

        return Work(run, lambda _: len(array))

    @rows.row("scatter-and-use")
    def scatter_and_use(size):
        runner.start()
        array = np.ones(size["bytes"] // 8)

        def run():
            array[0] += 1
            return runner.client.submit(np.sum, runner.client.scatter(array)).result()

        # The first element is another one in each round.
        return Work(run, lambda total: total - array[0] + 1)

    @rows.row("first-cluster")
    def first_cluster(_):
        def run():
            runner.start()
            return runner.client.submit(add_one, 1).result()

        return Work(run)

    def resident(pid):
        with open(f"/proc/{pid}/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if "VmRSS" in line)

    def resident_later():
        time.sleep(10)
        pids = runner.client.run(os.getpid).values()
        return Work(
            lambda: max(resident(pid) for pid in pids), lambda _: 1, lambda _, size: size
        )

    @rows.row("idle-worker")
    def idle_worker(_):
        runner.start()
        return resident_later()

    @rows.row("used-worker")
    def used_worker(_):
        runner.start()
        runner.client.submit(add_one, 1).result()
        return resident_later()

    def call():
        runner.start()
        return lambda x: runner.client.submit(add_one, x).result()

    round_trips(rows, call)


def open_peer(name):
    rows = Rows()
    if name == "dask-distributed":
        runner = Distributed("distributed")
        cluster_rows(rows, runner)
    else:
        runner = (Processes if name == "dask-processes" else Threads)(name.removeprefix("dask-"))
    task_rows(rows, runner)
    building_rows(rows, runner)
    table_rows(rows, runner)
    return rows, runner.close
