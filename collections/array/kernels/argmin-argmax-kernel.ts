/**
 * Where the smallest or largest element is: one loop that keeps a value and its place. The first of
 * equals wins, and the first NaN wins over everything, as in NumPy.
 */
import { allocate, Chunk, rowMajor, sizeOf } from '../block/chunk.js'
import { isFloat } from '../block/dtype.js'
import { emitStore } from '../expressions/elementwise-operators.js'
import {
  collapse,
  emitHeader,
  emitHoisted,
  emitOpen,
  innerLoads,
  kernel,
  namesIn,
  readProgram,
  runKernel,
  spreadStrides,
  strideKinds,
} from '../expressions/generated-loops.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'

/** The extreme value and its row-major position among the reduced axes, per result. */
export interface Extreme {
  readonly values: Chunk
  readonly places: Chunk<'float64'>
}

/** Finds extremes along some axes, which stay as axes of size 1. The value must not be empty. */
export function findExtreme(
  value: LazyChunk,
  which: 'argmin' | 'argmax',
  axes: readonly number[],
): Extreme {
  const dtype = value.dtype === 'bool' ? 'uint8' : value.dtype
  const { shape } = value
  const program = readProgram(astype(value, dtype).expression)
  const spread = program.chunks.map((chunk) => spreadStrides(chunk, shape))
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const along = (list: readonly number[]) =>
    collapse({
      sizes: list.map((axis) => shape[axis]!),
      strides: spread.map((own) => list.map((axis) => own[axis]!)),
    })
  const outer = along(kept)
  const found = along(axes)
  const within = found.sizes.length > 0 ? found : { sizes: [1], strides: spread.map(() => [0]) }
  const loops = {
    sizes: [...outer.sizes, ...within.sizes],
    strides: outer.strides.map((own, s) => [...own, ...within.strides[s]!]),
  }
  const count = sizeOf(kept.map((axis) => shape[axis]!))
  const values = allocate(dtype, count)
  const places = allocate('float64', count)
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const key = `${which}|${program.key}|${outer.sizes.length}|${loops.sizes.length}|${kinds}`
  const run = kernel(key, () => {
    const inputs = program.chunks.length
    const { lines, result } = program.emit(innerLoads(program, kinds, last), '')
    const symbol = which === 'argmin' ? '<' : '>'
    const nan = isFloat(dtype) ? ` || (${result} !== ${result} && best === best)` : ''
    let code = `${emitHeader(inputs, last + 1)}let k = 0;\n`
    for (let d = 0; d < outer.sizes.length; d++) code += emitOpen(inputs, d)
    code += `let best = ${dtype === 'int64' ? '0n' : '0'}, place = 0, r = 0;\n`
    for (let d = outer.sizes.length; d < last; d++) code += emitOpen(inputs, d)
    code += `${emitHoisted(program, kinds, namesIn(last))}for (let i = 0; i < n${last}; i++, r++) {
${lines}if (r === 0 || ${result} ${symbol} best${nan}) { best = ${result}; place = r; }\n}\n`
    code += '}'.repeat(last - outer.sizes.length)
    return `${code}\nout[k] = ${emitStore('best', dtype)}; extra[k++] = place;\n${'}'.repeat(outer.sizes.length)}\n`
  })
  if (count > 0) runKernel(run, program, loops, values, places)
  const result = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const strides = rowMajor(result)
  return {
    values: new Chunk(dtype, values, result, strides),
    places: new Chunk('float64', places, result, strides),
  }
}
