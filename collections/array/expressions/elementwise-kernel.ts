/**
 * Computing an elementwise expression: one generated loop nest, each input read once, no
 * intermediate arrays. The result lies in memory in the order of its largest input, so that a
 * transposed array is walked along its memory.
 */
import { allocate, Chunk, rowMajor, sizeOf } from '../block/chunk.js'
import { emitStore } from './elementwise-operators.js'
import {
  collapse,
  emitHeader,
  emitHoisted,
  emitOpen,
  innerLoads,
  kernel,
  type Loops,
  namesIn,
  type Program,
  readProgram,
  runKernel,
  spreadStrides,
  strideKinds,
} from './generated-loops.js'
import type { Expression } from './lazy-chunk.js'

/** Computes an expression over a shape. */
export function evaluate(expression: Expression, shape: readonly number[]): Chunk {
  const program = readProgram(expression)
  const out = allocate(program.dtype, sizeOf(shape))
  const spread = program.chunks.map((chunk) => spreadStrides(chunk, shape))
  const order = memoryOrder(program.chunks, spread, shape)
  const sizes = order.map((axis) => shape[axis]!)
  if (out.length > 0) {
    const loops = collapse({
      sizes,
      strides: spread.map((own) => order.map((axis) => own[axis]!)),
    })
    runKernel(elementwiseKernel(program, loops), program, loops, out)
  }
  const strides = new Array<number>(shape.length)
  rowMajor(sizes).forEach((stride, i) => {
    strides[order[i]!] = stride
  })
  return new Chunk(program.dtype, out, shape, strides)
}

/** The axes from the farthest to the nearest neighbours in the memory of the largest input. */
export function memoryOrder(
  chunks: readonly Chunk[],
  spread: readonly (readonly number[])[],
  shape: readonly number[],
): number[] {
  const axes = shape.map((_, axis) => axis)
  let widest: readonly number[] | undefined
  let most = 0
  chunks.forEach((chunk, i) => {
    if (chunk.size <= most) return
    most = chunk.size
    widest = spread[i]
  })
  const strides = widest
  if (strides === undefined || axes.some((a) => strides[a] === 0 && shape[a]! > 1)) return axes
  return axes.sort((a, b) => Math.abs(strides[b]!) - Math.abs(strides[a]!) || a - b)
}

function elementwiseKernel(program: Program, loops: Loops) {
  const rank = Math.max(1, loops.sizes.length)
  const kinds =
    loops.sizes.length === 0 ? '0'.repeat(program.chunks.length) : strideKinds(loops, rank - 1)
  return kernel(`${program.key}|${loops.sizes.length}|${kinds}`, () => {
    const inputs = program.chunks.length
    if (loops.sizes.length === 0) {
      const { lines, result } = program.emit(innerLoads(program, kinds, 0), '')
      return `${emitHeader(inputs, 0)}${emitHoisted(program, kinds, namesIn(0))}${lines}out[0] = ${emitStore(result, program.dtype)};\n`
    }
    const last = rank - 1
    let code = `${emitHeader(inputs, rank)}let k = 0;\n`
    for (let d = 0; d < last; d++) code += emitOpen(inputs, d)
    const { lines, result } = program.emit(innerLoads(program, kinds, last), '')
    code += emitHoisted(program, kinds, namesIn(last))
    code += `for (let i = 0; i < n${last}; i++) {\n${lines}out[k + i] = ${emitStore(result, program.dtype)};\n}\nk += n${last};\n`
    return `${code}${'}'.repeat(last)}\n`
  })
}
