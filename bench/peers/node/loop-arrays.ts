/** The array rows as loops over typed arrays. */
import { matrixOf, vectorOf } from './elements.js'
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
}
