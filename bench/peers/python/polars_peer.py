"""Polars: the bag rows, and the first array rows, as lazy expressions."""

import polars as pl
from elements import vector_of
from work import PATTERN, Rows, Work, digest, digest_pairs

rows = Rows()


def of_frame(*names, value):
    """Registers a row by the function that makes its lazy frame."""

    def register(make):
        def prepare(size):
            return Work(lambda: make(size).collect(), value)

        return rows.row(*names)(prepare)

    return register


def pairs(frame):
    return digest_pairs(frame.iter_rows())


def numbers(size):
    return pl.select(i=pl.int_range(int(size["n"]), dtype=pl.Int64)).lazy()


def key(keys):
    return (pl.col("i") * 1031 % keys).alias("key")


def records(size, keys):
    return numbers(size).select(key(keys), amount=pl.col("i") % 100)


@of_frame("distinct", value=lambda frame: digest(map(str, frame["key"])))
def distinct(size):
    return numbers(size).select(key(size["keys"]).unique())


@of_frame("frequencies", value=pairs)
def frequencies(size):
    names = numbers(size).select(name=pl.format("name-{}", key(size["keys"])))
    return names.group_by("name").len()


@of_frame("foldby", value=pairs)
def foldby(size):
    return records(size, size["keys"]).group_by("key").agg(pl.col("amount").sum())


@of_frame("groupby", value=pairs)
def groupby(size):
    groups = records(size, size["keys"]).group_by("key").agg(pl.struct("key", "amount").alias("group"))
    return groups.select("key", pl.col("group").list.len())


@rows.row("join")
def join(size):
    others = pl.select(id=pl.int_range(size["others"], dtype=pl.Int64)).lazy()
    others = others.with_columns(weight=pl.col("id") % 7)

    def run():
        joined = records(size, 2 * size["others"]).join(others, left_on="key", right_on="id")
        return joined.select((pl.col("amount") * pl.col("weight")).sum()).collect().item()

    return Work(run)


@of_frame("topk", value=lambda frame: frame["key"].sort(descending=True).to_list())
def topk(size):
    return numbers(size).select(key(1_000_003).top_k(size["k"]))


def lines_of(path):
    return pl.scan_csv(
        path, has_header=False, new_columns=["line"], separator="\x01", quote_char=None
    )


@of_frame("word-count", "memory-words", value=pairs)
def word_count(size):
    words = lines_of(size["path"]).select(pl.col("line").str.split(" ").explode().alias("word"))
    return words.group_by("word").len()


@of_frame("json-lines", value=pairs)
def json_lines(size):
    sales = pl.scan_ndjson(size["path"], schema={"shop": pl.String, "amount": pl.Int64})
    return sales.group_by("shop").agg(pl.col("amount").sum())


@of_frame("gzip-regexp", value=lambda frame: frame.item())
def gzip_regexp(size):
    return lines_of(f"{size['path']}/*.gz").select(pl.col("line").str.contains(PATTERN).sum())


@rows.row("elementwise")
def elementwise(size):
    frame = pl.DataFrame({"x": vector_of(size["n"], 1000), "y": vector_of(size["n"], 777)}).lazy()
    x, y = pl.col("x"), pl.col("y")
    return Work(lambda: frame.select(((x * x + y * y).sqrt() * 2 + 1).sum()).collect().item())


@rows.row("generated-chain")
def generated_chain(size):
    def run():
        numbers = pl.select(i=pl.int_range(int(size["n"]), dtype=pl.Int64)).lazy()
        return numbers.select((pl.col("i").cast(pl.Float64) * 2 + 1).sqrt().mean()).collect().item()

    return Work(run)


def open_peer(_):
    return rows, lambda: None
