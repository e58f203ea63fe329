"""The bag and array rows in Dask, for each of its schedulers."""

import json
import operator

import dask.array as da
import dask.bag as db
import numpy as np
from elements import matrix_of, spread_matrix, spread_vector, vector_of
from work import Work, digest, digest_pairs, is_match, key_of, name_of, weighted_sum


def length_of_group(group):
    key, records = group
    return key, len(records)


def table_rows(rows, runner):
    bag_rows(rows, runner)
    array_rows(rows, runner)


def bag_rows(rows, runner):
    def of_bag(*names, value):
        """Registers a row by the function that makes its collection."""

        def register(make):
            def prepare(size):
                runner.start()
                return Work(lambda: runner.compute(make(size)), value)

            return rows.row(*names)(prepare)

        return register

    def range_of(size):
        return db.range(int(size["n"]), npartitions=size["npartitions"])

    def records(size, keys):
        return range_of(size).map(lambda i: {"key": key_of(i, keys), "amount": i % 100})

    @of_bag("distinct", value=lambda found: digest(map(str, found)))
    def distinct(size):
        return range_of(size).map(key_of, size["keys"]).distinct()

    @of_bag("frequencies", value=digest_pairs)
    def frequencies(size):
        return range_of(size).map(name_of, size["keys"]).frequencies()

    @of_bag("foldby", value=digest_pairs)
    def foldby(size):
        return records(size, size["keys"]).foldby(
            "key", lambda total, record: total + record["amount"], 0, operator.add, 0
        )

    @of_bag("groupby", value=digest_pairs)
    def groupby(size):
        return records(size, size["keys"]).groupby(operator.itemgetter("key")).map(length_of_group)

    @of_bag("join", value=lambda total: total)
    def join(size):
        others = [{"id": i, "weight": i % 7} for i in range(size["others"])]
        pairs = records(size, 2 * size["others"]).join(others, "key", "id")
        return pairs.map(lambda pair: pair[0]["weight"] * pair[1]["amount"]).sum()

    @of_bag("topk", value=list)
    def topk(size):
        return range_of(size).map(key_of, 1_000_003).topk(size["k"])

    @of_bag("word-count", "memory-words", value=digest_pairs)
    def word_count(size):
        lines = db.read_text(size["path"], blocksize=size["blocksize"])
        return lines.map(str.split).flatten().frequencies()

    @of_bag("json-lines", value=digest_pairs)
    def json_lines(size):
        lines = db.read_text(size["path"], blocksize=size["blocksize"])
        return lines.map(json.loads).foldby(
            "shop", lambda total, sale: total + sale["amount"], 0, operator.add, 0
        )

    @of_bag("gzip-regexp", value=lambda count: count)
    def gzip_regexp(size):
        return db.read_text(f"{size['path']}/*.gz").filter(is_match).count()


def array_rows(rows, runner):
    def of_array(name, value=float):
        """Registers a row by the function that makes its array, before the timed part."""

        def register(make):
            def prepare(size):
                runner.start()
                array = make(size)
                return Work(lambda: runner.compute(array), value)

            return rows.row(name)(prepare)

        return register

    def vector(size, period):
        return runner.persist(da.from_array(vector_of(size["n"], period), chunks=int(size["chunk"])))

    def matrix(size, *chunks):
        values = matrix_of(size["rows"], size["columns"])
        return runner.persist(da.from_array(values, chunks=chunks or (size["chunk"], -1)))

    @of_array("elementwise")
    def elementwise(size):
        x, y = vector(size, 1000), vector(size, 777)
        return (da.sqrt(x * x + y * y) * 2 + 1).sum()

    def ramp(size):
        return da.arange(int(size["n"]), chunks=int(size["chunk"]), dtype="float64")

    @of_array("generated-chain")
    def generated_chain(size):
        return da.sqrt(ramp(size) * 2 + 1).mean()

    @of_array("ones")
    def ones(size):
        return da.ones(int(size["n"]), chunks=int(size["chunk"])).sum()

    @of_array("linspace")
    def linspace(size):
        return da.linspace(0, 1, int(size["n"]), chunks=int(size["chunk"])).sum()

    rows["memory-chain"] = rows["generated-chain"]

    @of_array("memory-random")
    def memory_random(size):
        return (da.random.default_rng(1).random(int(size["n"]), chunks=int(size["chunk"])) * 2).mean()

    @of_array("memory-rechunk")
    def memory_rechunk(size):
        return (ramp(size).rechunk(int(size["to"])) * 2).mean()

    @of_array("reduce-all")
    def reduce_all(size):
        return matrix(size).std()

    @of_array("reduce-rows", weighted_sum)
    def reduce_rows(size):
        return matrix(size).sum(0)

    @of_array("reduce-columns", weighted_sum)
    def reduce_columns(size):
        return matrix(size).max(1)

    @of_array("matmul", lambda product: weighted_sum(product.ravel()))
    def matmul(size):
        x = matrix(size, size["chunk"], size["chunk"])
        return x @ x

    rows["matmul-large"] = rows["matmul"]

    @of_array("rechunk")
    def rechunk(size):
        return matrix(size).rechunk((-1, size["to"])).sum()

    @of_array("slicing")
    def slicing(size):
        return matrix(size)[::2, 100:-100:3].sum()

    @of_array("transpose", weighted_sum)
    def transpose(size):
        x = matrix(size, size["chunk"], size["chunk"])
        return (x + x.T).sum(0)

    @of_array("random")
    def random(size):
        return da.random.default_rng().random(int(size["n"]), chunks=int(size["chunk"])).mean()

    @of_array("random-normal")
    def random_normal(size):
        return da.random.default_rng().standard_normal(int(size["n"]), chunks=int(size["chunk"])).std()

    @of_array("generated-pair")
    def generated_pair(size):
        generator = da.random.default_rng()
        x, y = (generator.random(int(size["n"]), chunks=int(size["chunk"])) for _ in range(2))
        return da.sqrt(x * x + y * y).sum()

    def standardised(x):
        return (x - x.mean(0)) / x.std(0)

    @of_array("standardise", weighted_sum)
    def standardise(size):
        return standardised(matrix(size)).max(1)

    @of_array("generated-standardise")
    def generated_standardise(size):
        shape, chunks = (size["rows"], size["columns"]), (size["chunk"], -1)
        return standardised(da.random.default_rng().random(shape, chunks=chunks)).max()

    def spread(size):
        return runner.persist(da.from_array(spread_vector(size["n"]), chunks=int(size["chunk"])))

    @of_array("argmax", int)
    def argmax(size):
        return spread(size).argmax()

    @of_array("exp")
    def exp(size):
        return da.exp(spread(size)).sum()

    @rows.row("from-array")
    def from_array(size):
        runner.start()
        values = spread_vector(size["n"])
        chunk = int(size["chunk"])
        return Work(lambda: runner.compute(da.from_array(values, chunks=chunk).sum()), float)

    @of_array("percentile", list)
    def percentile(size):
        return da.percentile(spread(size), [5, 50, 95])

    @of_array("cumsum")
    def cumsum(size):
        return spread(size).cumsum(0).mean()

    def matrix_of_spread(size, *chunks):
        values = spread_matrix(size["rows"], size["columns"])
        return runner.persist(da.from_array(values, chunks=chunks or (size["chunk"], -1)))

    @of_array("fft", lambda y: float(np.abs(y).mean()))
    def fft(size):
        return da.fft.fft(matrix_of_spread(size), axis=1)

    @of_array("svd", weighted_sum)
    def svd(size):
        u, s, v = da.linalg.svd(matrix_of_spread(size))
        return abs(u).sum(0) + s + abs(v).sum(0)

    @of_array("stencil")
    def stencil(size):
        x = matrix_of_spread(size, size["chunk"], size["chunk"])
        return x.map_overlap(mean_of_neighbours, depth=1, boundary="nearest", dtype="float64").sum()


def mean_of_neighbours(block):
    means = block.copy()
    means[1:-1, 1:-1] = (block[:-2, 1:-1] + block[2:, 1:-1] + block[1:-1, :-2] + block[1:-1, 2:]) / 4
    return means
