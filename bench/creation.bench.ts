/**
 * Functions that create arrays, in one thread, against a loop that fills as much new memory. A goal of 1 is the
 * speed of the memory.
 */
import { da, getSync } from 'skein'
import { type Benchmark, bestOf, type Row } from './measure.js'

const elements = 4e6
const chunks = 1e6
const side = 2000
const rounds = 7

const shape = [elements]
const routines: Record<string, { make: () => da.ChunkedArray; goal: number }> = {
  zeros: { make: () => da.zeros(shape, { chunks }), goal: 1 },
  ones: { make: () => da.ones(shape, { chunks }), goal: 1.5 },
  'full, int64': { make: () => da.full(shape, 7, { chunks, dtype: 'int64' }), goal: 1.5 },
  arange: { make: () => da.arange(elements, { chunks }), goal: 1.5 },
  'arange, int32': { make: () => da.arange(elements, { chunks, dtype: 'int32' }), goal: 1.5 },
  'arange, int64': { make: () => da.arange(elements, { chunks, dtype: 'int64' }), goal: 2.5 },
  linspace: { make: () => da.linspace(0, 1, elements, { chunks }), goal: 1.5 },
  eye: { make: () => da.eye(side, { chunks: side / 2 }), goal: 1.5 },
  'random.uniform': { make: () => da.random.uniform(shape, { chunks, seed: 1 }), goal: 4 },
  'random.normal': { make: () => da.random.normal(shape, { chunks, seed: 1 }), goal: 10 },
  'random.integers': {
    make: () => da.random.integers(shape, { high: 100, chunks, seed: 1 }),
    goal: 6,
  },
}

/** Fills as much new memory as the routines do. */
function fillLoop(): void {
  for (let block = 0; block < elements / chunks; block++) {
    const data = new Float64Array(new SharedArrayBuffer(8 * chunks))
    for (let i = 0; i < chunks; i++) data[i] = i
  }
}

/** Computes each block of an array by itself, so that no time goes into joining them. */
function computeBlocks(array: da.ChunkedArray): void {
  const graph = array.optimize()
  for (const key of array.keys) getSync(graph, key)
}

const creation: Benchmark = async () => {
  const contenders: Record<string, () => void> = { loop: fillLoop }
  for (const [name, { make }] of Object.entries(routines)) {
    contenders[name] = () => computeBlocks(make())
  }
  const times = await bestOf(rounds, contenders)
  return Object.entries(routines).map(([name, { goal }]): Row => {
    const ratio = times[name]! / times.loop!
    return {
      benchmark: `create 4,000,000 elements: ${name}`,
      who: 'getSync',
      figure: `${((times[name]! / elements) * 1e9).toFixed(1)} ns an element`,
      ratio: ratio.toFixed(2),
      goal: `ratio ${goal}`,
      met: ratio <= goal,
    }
  })
}

export const benchmarks = [creation]
