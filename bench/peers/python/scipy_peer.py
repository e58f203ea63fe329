"""SciPy, in one process: the Fourier transforms."""

import numpy as np
import scipy.fft
from elements import spread_matrix
from work import Rows, Work

rows = Rows()


@rows.row("fft")
def fft(size):
    x = spread_matrix(size["rows"], size["columns"])
    return Work(lambda: scipy.fft.fft(x, axis=1), lambda y: float(np.abs(y).mean()))


def open_peer(_):
    return rows, lambda: None
