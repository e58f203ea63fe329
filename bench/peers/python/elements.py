"""The elements of the array rows, which every peer makes alike."""

import numpy as np


def vector_of(n, period):
    return (np.arange(int(n)) % period).astype("float64")


def matrix_of(rows, columns):
    i, j = np.ogrid[:rows, :columns]
    return ((i * 7 + j * 13) % 101).astype("float64")


def spread_vector(n):
    i = np.arange(int(n), dtype="uint32") * np.uint32(2654435761)
    i ^= i >> np.uint32(15)
    i *= np.uint32(2246822519)
    i ^= i >> np.uint32(13)
    return i / 2**32


def spread_matrix(rows, columns):
    return spread_vector(rows * columns).reshape(rows, columns)
