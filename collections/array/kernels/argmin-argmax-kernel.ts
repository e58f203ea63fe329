/**
 * The kernel of argmin and argmax: one loop that keeps the best value and its position. Of equal
 * values the first wins, and the first NaN wins over everything, as in NumPy, or loses to every number.
 */

import { type Dtype, isBig, isFloat } from '../block/dtype.js'
import { allocate, NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { emitStored } from '../expressions/element-code.js'
import {
  compiledKernel,
  emitDeclarations,
  emitHoistedReads,
  emitLoopStart,
  innerReads,
  type Kernel,
  namesInLoop,
  runKernel,
} from '../expressions/generated-loops.js'
import { type KernelProgram, readProgram } from '../expressions/kernel-program.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'
import { broadcastStrides, type Loops, loopsOver, strideKinds } from '../expressions/loop-layout.js'

/** The extreme values of a block, and their row-major positions among the reduced axes. */
export interface BlockExtremes {
  readonly values: NDArray
  readonly positions: NDArray<'float64'>
}

/** The reductions that return positions. */
export type PositionReduction = 'argmin' | 'argmax' | 'nanargmin' | 'nanargmax'

/** Finds the extremes along some axes, which become 1. Those axes must not be empty, the elements not complex. */
export function findExtremes(
  value: LazyChunk,
  which: PositionReduction,
  axes: readonly number[],
): BlockExtremes {
  const dtype = value.dtype === 'bool' ? 'uint8' : value.dtype
  const { shape } = value
  const { program, data } = readProgram(astype(value, dtype).expression)
  const inputStrides = data.chunks.map((chunk) => broadcastStrides(chunk, shape))
  const resultAxes = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const outer = loopsOver(resultAxes, shape, inputStrides)
  const inner = loopsOver(axes, shape, inputStrides)
  const within =
    inner.sizes.length > 0 ? inner : { sizes: [1], strides: inputStrides.map(() => [0]) }
  const loops = {
    sizes: [...outer.sizes, ...within.sizes],
    strides: outer.strides.map((own, s) => [...own, ...within.strides[s]!]),
  }
  const count = sizeOf(resultAxes.map((axis) => shape[axis]!))
  const values = allocate(dtype, count)
  const positions = allocate('float64', count)
  if (count > 0) {
    const kernel = extremesKernel(program, loops, outer.sizes.length, which, dtype)
    const { sizes, strides } = loops
    runKernel({ kernel, sizes, strides: strides.flat() }, data, values, positions)
  }
  const result = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const strides = rowMajor(result)
  return {
    values: new NDArray(dtype, values, result, strides),
    positions: new NDArray('float64', positions, result, strides),
  }
}

/** Returns the kernel whose first `outer` loops run over results and the others over what is reduced. */
function extremesKernel(
  program: KernelProgram,
  loops: Loops,
  outer: number,
  which: PositionReduction,
  dtype: Dtype,
): Kernel {
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const key = `${which}|${program.key}|${outer}|${loops.sizes.length}|${kinds}`
  return compiledKernel(key, () => {
    const inputs = program.inputs.length
    const { lines, result: value } = program.emit(innerReads(program, kinds, last), '')
    const result = value.re
    const symbol = which === 'argmin' || which === 'nanargmin' ? '<' : '>'
    // Of floats, nothing comes after NaN, and each other element takes one comparison.
    const isOrdered = isFloat(dtype) && !which.startsWith('nan')
    const notBetter = symbol === '<' ? '>=' : '<='
    const worst = symbol === '<' ? 'Infinity' : '-Infinity'
    let code = `${emitDeclarations(inputs, last + 1)}let k = 0;\n`
    for (let d = 0; d < outer; d++) code += emitLoopStart(inputs, d)
    code += `let best = ${isBig(dtype) ? '0n' : isOrdered ? worst : '0'}, position = 0, r = 0;\nsearch: {\n`
    for (let d = outer; d < last; d++) code += emitLoopStart(inputs, d)
    const take = `{ best = ${result}; position = r; }`
    const nan = isFloat(dtype) ? ` || (best !== best && ${result} === ${result})` : ''
    const compare = isOrdered
      ? `if (!(${result} ${notBetter} best)) { best = ${result}; position = r; if (best !== best) break search; }`
      : `if (r === 0 || ${result} ${symbol} best${nan}) ${take}`
    code += `${emitHoistedReads(program, kinds, namesInLoop(last))}for (let i = 0; i < n${last}; i++, r++) {
${lines}${compare}\n}\n`
    code += '}'.repeat(last - outer)
    return `${code}}\nout[k] = ${emitStored('best', dtype)}; extra[k++] = position;\n${'}'.repeat(outer)}\n`
  })
}
