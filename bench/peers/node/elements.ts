/** The elements of the array rows, which every peer makes alike. */

/** The numbers `i % period`. */
export const vectorOf = (n: number, period: number): Float64Array =>
  new Float64Array(n).map((_, i) => i % period)

/** A matrix with `(i * 7 + j * 13) % 101` in row i and column j, row by row. */
export function matrixOf(rows: number, columns: number): Float64Array {
  const values = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] = (i * 7 + j * 13) % 101
  return values
}

/** Numbers in [0, 1) without order: a hash of each index. */
export function spreadVector(n: number): Float64Array {
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let hash = Math.imul(i, 2654435761)
    hash = Math.imul(hash ^ (hash >>> 15), 2246822519)
    values[i] = ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
  }
  return values
}

/** A part of a long result, by which peers are compared. */
export const everyThousandth = (values: Float64Array): Float64Array =>
  values.filter((_, i) => i % 1000 === 0)
