"""NumPy, in one process."""

import numpy as np
from elements import matrix_of, spread_matrix, spread_vector, vector_of
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


@rows.row("generated-pair")
def generated_pair(size):
    generator = np.random.default_rng()
    n = int(size["n"])

    def run():
        x, y = generator.random(n), generator.random(n)
        return np.sqrt(x * x + y * y).sum()

    return Work(run, float)


def standardised(x):
    return (x - x.mean(0)) / x.std(0)


of_matrix("standardise", lambda x: standardised(x).max(1), weighted_sum)


@rows.row("generated-standardise")
def generated_standardise(size):
    generator = np.random.default_rng()
    shape = size["rows"], size["columns"]
    return Work(lambda: standardised(generator.random(shape)).max(), float)


def of_spread(name, run, value):
    def prepare(size):
        x = spread_vector(size["n"])
        return Work(lambda: run(x), value)

    rows[name] = prepare


of_spread("argmax", lambda x: x.argmax(), int)
of_spread("exp", lambda x: np.exp(x).sum(), float)
of_spread("from-array", lambda x: x.sum(), float)
of_spread("sort", np.sort, lambda y: weighted_sum(y[::1000]))
of_spread("percentile", lambda x: np.percentile(x, [5, 50, 95]), list)
of_spread("cumsum", lambda x: np.cumsum(x).mean(), float)


@rows.row("fft")
def fft(size):
    x = spread_matrix(size["rows"], size["columns"])
    return Work(lambda: np.fft.fft(x, axis=1), lambda y: float(np.abs(y).mean()))


@rows.row("svd")
def svd(size):
    x = spread_matrix(size["rows"], size["columns"])

    def run():
        u, s, v = np.linalg.svd(x, full_matrices=False)
        return np.abs(u).sum(0) + s + np.abs(v).sum(0)

    return Work(run, weighted_sum)


@rows.row("stencil")
def stencil(size):
    x = spread_matrix(size["rows"], size["columns"])

    def run():
        y = np.pad(x, 1, mode="edge")
        return ((y[:-2, 1:-1] + y[2:, 1:-1] + y[1:-1, :-2] + y[1:-1, 2:]) / 4).sum()

    return Work(run, float)


def open_peer(_):
    return rows, lambda: None
