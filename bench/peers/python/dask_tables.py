"""The bag and array rows in Dask, for each of its schedulers."""

import json
import operator

import dask.array as da
import dask.bag as db
from elements import matrix_of, vector_of
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
