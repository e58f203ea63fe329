"""The elements of the array rows, which every peer makes alike."""

import numpy as np


def vector_of(n, period):
    return (np.arange(int(n)) % period).astype("float64")


def matrix_of(rows, columns):
    i, j = np.ogrid[:rows, :columns]
    return ((i * 7 + j * 13) % 101).astype("float64")
