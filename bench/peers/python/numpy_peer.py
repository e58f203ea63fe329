"""NumPy, in one process."""

import numpy as np
from elements import matrix_of, vector_of
from work import Rows, Work, weighted_sum

rows = Rows()


@rows.row("elementwise")
def elementwise(size):
    x = vector_of(size["n"], 1000)
    y = vector_of(size["n"], 777)
    return Work(lambda: (np.sqrt(x * x + y * y) * 2 + 1).sum(), float)


@rows.row("generated-chain")
def generated_chain(size):
    n = int(size["n"])
    return Work(lambda: np.sqrt(np.arange(n, dtype="float64") * 2 + 1).mean(), float)


@rows.row("ones")
def ones(size):
    return Work(lambda: np.ones(int(size["n"])).sum(), float)


@rows.row("linspace")
def linspace(size):
    return Work(lambda: np.linspace(0, 1, int(size["n"])).sum(), float)


def of_matrix(name, run, value):
    def prepare(size):
        x = matrix_of(size["rows"], size["columns"])
        return Work(lambda: run(x), value)

    rows[name] = prepare


of_matrix("reduce-all", lambda x: x.std(), float)
of_matrix("reduce-rows", lambda x: x.sum(0), weighted_sum)
of_matrix("reduce-columns", lambda x: x.max(1), weighted_sum)
of_matrix("matmul", lambda x: x @ x, lambda product: weighted_sum(product.ravel()))
rows["matmul-large"] = rows["matmul"]
of_matrix("slicing", lambda x: x[::2, 100:-100:3].sum(), float)
of_matrix("transpose", lambda x: (x + x.T).sum(0), weighted_sum)


@rows.row("random")
def random(size):
    generator = np.random.default_rng()
    return Work(lambda: generator.random(int(size["n"])).mean(), float)


@rows.row("random-normal")
def random_normal(size):
    generator = np.random.default_rng()
    return Work(lambda: generator.standard_normal(int(size["n"])).std(), float)


def open_peer(_):
    return rows, lambda: None
