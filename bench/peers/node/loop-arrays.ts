/** The array rows as loops over typed arrays. */
import { everyThousandth, matrixOf, spreadVector, vectorOf } from './elements.js'
import { type Rows, weightedSum, work } from './work.js'

const sumOf = (values: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum
}

function standardDeviation(values: Float64Array): number {
  const mean = sumOf(values) / values.length
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2
  return Math.sqrt(squares / values.length)
}

const number = (x: number): number => x

/** A row about numbers in [0, 1) without order. */
const ofSpread =
  (run: (x: Float64Array) => number): Rows[string] =>
  ({ n }) => {
    const x = spreadVector(n)
    return work({ run: () => run(x), value: number })
  }

/** Standardises the columns in place, and returns the matrix. */
function standardise(x: Float64Array, rows: number, columns: number): Float64Array {
  const means = new Float64Array(columns)
  const squares = new Float64Array(columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) means[j]! += x[i * columns + j]! / rows
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) squares[j]! += (x[i * columns + j]! - means[j]!) ** 2
  const deviations = squares.map((square) => Math.sqrt(square / rows))
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      x[i * columns + j] = (x[i * columns + j]! - means[j]!) / deviations[j]!
  return x
}

function largestOf(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (values[i]! > largest) largest = values[i]!
  return largest
}

export const arrayRows: Rows = {
  elementwise: ({ n }) => {
    const x = vectorOf(n, 1000)
    const y = vectorOf(n, 777)
    return work({
      run: () => {
        let sum = 0
        for (let i = 0; i < n; i++) sum += Math.sqrt(x[i]! * x[i]! + y[i]! * y[i]!) * 2 + 1
        return sum
      },
      value: number,
    })
  },

  'generated-chain': ({ n }) =>
    work({
      run: () => {
        let sum = 0
        for (let i = 0; i < n; i++) sum += Math.sqrt(i * 2 + 1)
        return sum / n
      },
      value: number,
    }),

  ones: ({ n }) => work({ run: () => sumOf(new Float64Array(n).fill(1)), value: number }),

  linspace: ({ n }) =>
    work({
      run: () => {
        const values = new Float64Array(n)
        for (let i = 0; i < n; i++) values[i] = i / (n - 1)
        return sumOf(values)
      },
      value: number,
    }),

  'reduce-all': ({ rows, columns }) => {
    const x = matrixOf(rows, columns)
    return work({ run: () => standardDeviation(x), value: number })
  },

  'reduce-rows': ({ rows, columns }) => {
    const x = matrixOf(rows, columns)
    return work({
      run: () => {
        const sums = new Float64Array(columns)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) sums[j]! += x[i * columns + j]!
        return sums
      },
      value: weightedSum,
    })
  },

  'reduce-columns': ({ rows, columns }) => {
    const x = matrixOf(rows, columns)
    return work({
      run: () => {
        const largest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++)
            if (x[i * columns + j]! > largest[i]!) largest[i] = x[i * columns + j]!
        return largest
      },
      value: weightedSum,
    })
  },

  matmul: ({ rows: n }) => {
    const a = matrixOf(n, n)
    return work({
      run: () => {
        const product = new Float64Array(n * n)
        for (let i = 0; i < n; i++)
          for (let k = 0; k < n; k++) {
            const factor = a[i * n + k]!
            for (let j = 0; j < n; j++) product[i * n + j]! += factor * a[k * n + j]!
          }
        return product
      },
      value: weightedSum,
    })
  },

  slicing: ({ rows, columns }) => {
    const x = matrixOf(rows, columns)
    return work({
      run: () => {
        let sum = 0
        for (let i = 0; i < rows; i += 2)
          for (let j = 100; j < columns - 100; j += 3) sum += x[i * columns + j]!
        return sum
      },
      value: number,
    })
  },

  transpose: ({ rows: n }) => {
    const x = matrixOf(n, n)
    return work({
      run: () => {
        const sums = new Float64Array(n)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) sums[j]! += x[i * n + j]! + x[j * n + i]!
        return sums
      },
      value: weightedSum,
    })
  },

  random: ({ n }) =>
    work({
      run: () => {
        let sum = 0
        for (let i = 0; i < n; i++) sum += Math.random()
        return sum / n
      },
      value: number,
    }),

  'random-normal': ({ n }) =>
    work({
      run: () => {
        let squares = 0
        for (let i = 0; i < n; i += 2) {
          const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
          const angle = 2 * Math.PI * Math.random()
          squares += (radius * Math.cos(angle)) ** 2 + (radius * Math.sin(angle)) ** 2
        }
        return Math.sqrt(squares / n)
      },
      value: number,
    }),

  'generated-pair': ({ n }) =>
    work({
      run: () => {
        let sum = 0
        for (let i = 0; i < n; i++) {
          const [x, y] = [Math.random(), Math.random()]
          sum += Math.sqrt(x * x + y * y)
        }
        return sum
      },
      value: number,
    }),

  standardise: ({ rows, columns }) => {
    const x = matrixOf(rows, columns)
    return work({
      run: () => {
        const values = standardise(x.slice(), rows, columns)
        return Float64Array.from({ length: rows }, (_, i) =>
          largestOf(values.subarray(i * columns, (i + 1) * columns)),
        )
      },
      value: weightedSum,
    })
  },

  'generated-standardise': ({ rows, columns }) =>
    work({
      run: () => {
        const x = new Float64Array(rows * columns)
        for (let i = 0; i < x.length; i++) x[i] = Math.random()
        return largestOf(standardise(x, rows, columns))
      },
      value: number,
    }),

  argmax: ofSpread((x) => {
    let largest = 0
    for (let i = 1; i < x.length; i++) if (x[i]! > x[largest]!) largest = i
    return largest
  }),

  exp: ofSpread((x) => {
    let sum = 0
    for (let i = 0; i < x.length; i++) sum += Math.exp(x[i]!)
    return sum
  }),

  'from-array': ofSpread(sumOf),

  sort: ({ n }) => {
    const x = spreadVector(n)
    return work({ run: () => x.slice().sort(), value: (y) => weightedSum(everyThousandth(y)) })
  },

  percentile: ({ n }) => {
    const x = spreadVector(n)
    return work({
      run: () => {
        const sorted = x.slice().sort()
        return [0.05, 0.5, 0.95].map((q) => {
          const at = q * (n - 1)
          const low = Math.floor(at)
          const next = sorted[Math.min(low + 1, n - 1)]!
          return sorted[low]! + (at - low) * (next - sorted[low]!)
        })
      },
      value: (found) => found,
    })
  },

  cumsum: ofSpread((x) => {
    const sums = new Float64Array(x.length)
    let sum = 0
    for (let i = 0; i < x.length; i++) {
      sum += x[i]!
      sums[i] = sum
    }
    return sumOf(sums) / x.length
  }),

  stencil: ({ rows, columns }) => {
    const x = spreadVector(rows * columns)
    return work({
      run: () => {
        let sum = 0
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            const up = x[Math.max(0, i - 1) * columns + j]!
            const down = x[Math.min(rows - 1, i + 1) * columns + j]!
            const left = x[i * columns + Math.max(0, j - 1)]!
            const right = x[i * columns + Math.min(columns - 1, j + 1)]!
            sum += (up + down + left + right) / 4
          }
        return sum
      },
      value: number,
    })
  },
}
