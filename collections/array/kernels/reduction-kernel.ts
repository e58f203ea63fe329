/**
 * The kernels of reductions along axes. The expression is computed inside the reducing loop, so
 * `sum(sqrt(x * x + y * y))` stores no square roots.
 *
 * There are two orders of loops. When neighbours in memory are reduced together, each result is
 * finished before the next, with several accumulators at a time. Float sums add blocks of at most
 * `BLOCK` elements with compensation, so that the error does not grow with the number of elements.
 * When neighbours in memory belong to different results, a row of results is updated at a time.
 */

import { type DataOf, type Dtype, isBigData, isFloat, sumDtype } from '../block/dtype.js'
import { allocate, NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { emitStored } from '../expressions/element-code.js'
import {
  compiledKernel,
  emitDeclarations,
  emitHoistedReads,
  emitLoopStart,
  innerReads,
  type KernelLoops,
  type LoopNames,
  namesInLoop,
  runKernel,
} from '../expressions/generated-loops.js'
import { type KernelProgram, readProgram } from '../expressions/kernel-program.js'
import { LayoutPlans } from '../expressions/layout-plans.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'
import {
  broadcastStrides,
  type Loops,
  loopsOver,
  memoryOrder,
  strideKinds,
} from '../expressions/loop-layout.js'
import {
  type Accumulator,
  accumulatorOf,
  partialDtype,
  type Reducer,
} from './reduction-accumulators.js'

/** The number of elements that are added without compensation. */
const BLOCK = 512
/** The number of integers of up to 32 bits whose sum a float64 holds exactly: 2 ** 21 below 2 ** 32. */
const EXACT_COUNT = 2 ** 21
/** The shortest row of results that is updated at a time. */
const SHORTEST_ROW = 8

/** How an expression is reduced over inputs of one layout. */
interface ReductionPlan extends KernelLoops {
  /** The number of results. */
  readonly length: number
  readonly resultShape: readonly number[]
  readonly resultStrides: readonly number[]
  /** Whether there are no elements. */
  readonly isEmpty: boolean
}

const plans = new WeakMap<KernelProgram, LayoutPlans<ReductionPlan>>()

/**
 * Reduces an expression, which must not be complex, along some axes, which become 1. Sums and products of floats are float64,
 * those of integers have 64 bits.
 */
export function reduceChunk(value: LazyChunk, reducer: Reducer, axes: readonly number[]): NDArray {
  const { dtype, shape } = value
  const accumulator = accumulatorOf(reducer, dtype)
  const { stored } = accumulator
  const { program, data } = readProgram(astype(value, accumulator.element).expression)
  let known = plans.get(program)
  if (known === undefined) plans.set(program, (known = new LayoutPlans()))
  const plan = known.get(`${reducer} ${stored}`, axes, shape, data.chunks, () =>
    planReduction(program, data.chunks, shape, reducer, accumulator, axes),
  )
  const out = allocate(stored, plan.length)
  if (plan.isEmpty) fillInitial(out, accumulator.initial)
  else if (out.length > 0) {
    const addedAsFloats = stored === 'float64' && !isFloat(dtype)
    if (addedAsFloats && sizeOf(shape) / out.length > EXACT_COUNT) {
      return reduceChunk(astype(value, sumDtype(dtype)), 'sum', axes)
    }
    runKernel(plan, data, out)
  }
  const result = new NDArray(stored, out, plan.resultShape, plan.resultStrides)
  const partial = partialDtype(reducer, dtype)
  return partial === stored ? result : astype(result, partial).finish()
}

function planReduction(
  program: KernelProgram,
  chunks: readonly NDArray[],
  shape: readonly number[],
  reducer: Reducer,
  accumulator: Accumulator,
  axes: readonly number[],
): ReductionPlan {
  const { loops, outerLoops, resultAxes, rows } = layOutLoops(chunks, shape, axes)
  const { sizes, strides } = loops
  const emit = rows ? emitRowKernel : emitResultKernel
  const kinds = strideKinds(loops, sizes.length - 1)
  const key = `${reducer}|${program.key}|${accumulator.stored}|${outerLoops}|${rows}|${sizes.length}|${kinds}`
  const resultStrides = new Array<number>(shape.length).fill(1)
  const resultSizes = resultAxes.map((axis) => shape[axis]!)
  rowMajor(resultSizes).forEach((stride, i) => {
    resultStrides[resultAxes[i]!] = stride
  })
  return {
    kernel: compiledKernel(key, () => emit(program, loops, outerLoops, accumulator)),
    sizes,
    strides: strides.flat(),
    length: sizeOf(resultSizes),
    resultShape: shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
    resultStrides,
    isEmpty: sizeOf(shape) === 0,
  }
}

/** The loops of a reduction. */
interface ReductionLoops {
  readonly loops: Loops
  /** The number of loops that run over results. */
  readonly outerLoops: number
  /** The axes that are not reduced, in the order of their loops. */
  readonly resultAxes: readonly number[]
  /** Whether the innermost loop runs over a row of results, and not over reduced elements. */
  readonly rows: boolean
}

/** Places loops over results outside and loops over reduced axes inside; a row of results innermost. */
function layOutLoops(
  chunks: readonly NDArray[],
  shape: readonly number[],
  axes: readonly number[],
): ReductionLoops {
  const inputStrides = chunks.map((chunk) => broadcastStrides(chunk, shape))
  const order = memoryOrder(chunks, inputStrides, shape)
  const reduced = new Set(axes)
  const resultAxes = order.filter((axis) => !reduced.has(axis))
  const outer = loopsOver(resultAxes, shape, inputStrides)
  const reducing = loopsOver(
    order.filter((axis) => reduced.has(axis)),
    shape,
    inputStrides,
  )
  const nearest = order.findLast((axis) => shape[axis] !== 1)
  const rows =
    nearest !== undefined &&
    !reduced.has(nearest) &&
    reducing.sizes.length > 0 &&
    outer.sizes.at(-1)! >= SHORTEST_ROW
  const inner =
    reducing.sizes.length > 0 || rows
      ? reducing
      : { sizes: [1], strides: inputStrides.map(() => [0]) }
  const join = (own: readonly number[], rest: readonly number[]) =>
    rows ? [...own.slice(0, -1), ...rest, ...own.slice(-1)] : [...own, ...rest]
  const loops = {
    sizes: join(outer.sizes, inner.sizes),
    strides: outer.strides.map((own, s) => join(own, inner.strides[s]!)),
  }
  return { loops, outerLoops: outer.sizes.length, resultAxes, rows }
}

function fillInitial(out: DataOf<Dtype>, initial: string): void {
  if (isBigData(out)) out.fill(BigInt(initial.slice(0, -1)))
  else out.fill(initial === 'true' ? 1 : initial === 'false' ? 0 : Number(initial))
}

/** The size of an exponential function: V8 stops inlining when a loop has become too large. */
const EXPONENTIAL = 8

/** Returns the number of accumulators that a loop over an expression keeps. */
function lanesFor({ nodes, instructions }: KernelProgram): number {
  const size = nodes + EXPONENTIAL * instructions.filter(({ op }) => op === 'exp').length
  return size <= 4 ? 8 : size <= 12 ? 4 : 2
}

/** Emits the kernel that finishes each result before the next. */
function emitResultKernel(
  program: KernelProgram,
  loops: Loops,
  outerLoops: number,
  accumulator: Accumulator,
): string {
  const inputs = program.inputs.length
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const lanes = lanesFor(program)
  const range = Array.from({ length: lanes }, (_, u) => u)
  const element = (shift: number, name: string) => {
    const { lines, result } = program.emit(innerReads(program, kinds, last, { shift }), `_${shift}`)
    return `${lines}const v_${shift} = ${result.re};\n${name} = ${accumulator.add(name, `v_${shift}`)};\n`
  }
  const total = range.map((u) => `r${u}`)
  const joined = total
    .slice(1)
    .map((r) => `r0 = ${accumulator.add('r0', r)};`)
    .join(' ')
  const into = accumulator.compensated
    ? `${joined} sum = acc + r0; rest += Math.abs(acc) >= Math.abs(r0) ? (acc - sum) + r0 : (r0 - sum) + acc; acc = sum;`
    : `${joined} acc = ${accumulator.add('acc', 'r0')};`
  let code = `${emitDeclarations(inputs, last + 1)}let k = 0;\n`
  for (let d = 0; d < outerLoops; d++) code += emitLoopStart(inputs, d)
  code += `let acc = ${accumulator.initial}; let sum = 0, rest = 0;\n`
  for (let d = outerLoops; d < last; d++) code += emitLoopStart(inputs, d)
  code += emitHoistedReads(program, kinds, namesInLoop(last))
  code += `const n = n${last}; let i = 0;
while (n - i >= ${lanes}) {
let ${total.map((r) => `${r} = ${accumulator.initial}`).join(', ')};
const stop = Math.min(n - (n - i) % ${lanes}, i + ${BLOCK});
for (; i < stop; i += ${lanes}) {
${range.map((u) => element(u, `r${u}`)).join('')}}
${into}
}
{ let r0 = ${accumulator.initial};
for (; i < n; i++) {\n${element(0, 'r0')}}
${into.replace(joined, '')} }\n`
  code += '}'.repeat(Math.max(0, last - outerLoops))
  const value = accumulator.compensated ? '(acc - acc === 0 ? acc + rest : acc)' : 'acc'
  code += `\nout[k++] = ${emitStored(value, accumulator.stored)};\n${'}'.repeat(outerLoops)}\n`
  return code
}

/** Emits the kernel that updates a row of results with up to four rows of elements at a time. */
function emitRowKernel(
  program: KernelProgram,
  loops: Loops,
  outerLoops: number,
  accumulator: Accumulator,
): string {
  const inputs = program.inputs.length
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const rows = last - 1
  const isBool = accumulator.stored === 'bool'
  const current = isBool ? '(out[k + i] !== 0)' : 'out[k + i]'
  const namesOf = (u: number): LoopNames => ({
    position: (input) => `q${input}_${u}`,
    hoisted: (input) => `h${input}_${u}`,
  })
  const update = (lanes: number) => {
    let positions = ''
    let body = `let v = ${current};\n`
    for (let u = 0; u < lanes; u++) {
      const names = namesOf(u)
      program.inputs.forEach((_, s) => {
        positions += `const ${names.position(s)} = p${s}_${rows} + (r + ${u}) * s${s}_${rows};\n`
      })
      positions += emitHoistedReads(program, kinds, names)
      const { lines, result } = program.emit(innerReads(program, kinds, last, { names }), `_${u}`)
      body += `${lines}const e_${u} = ${result.re};\nv = ${accumulator.add('v', `e_${u}`)};\n`
    }
    const put = emitStored('v', accumulator.stored)
    return `${positions}for (let i = 0; i < n${last}; i++) {\n${body}out[k + i] = ${put};\n}\n`
  }
  const lanes = Math.min(4, lanesFor(program))
  let code = `${emitDeclarations(inputs, last + 1)}let k = 0;\n`
  for (let d = 0; d < outerLoops - 1; d++) code += emitLoopStart(inputs, d)
  code += `for (let i = 0; i < n${last}; i++) out[k + i] = ${emitStored(accumulator.initial, accumulator.stored)};\n`
  for (let d = outerLoops - 1; d < rows; d++) code += emitLoopStart(inputs, d)
  code += `let r = 0;
for (; r + ${lanes} <= n${rows}; r += ${lanes}) {\n${update(lanes)}}
for (; r < n${rows}; r++) {\n${update(1)}}\n`
  code += '}'.repeat(rows - (outerLoops - 1))
  return `${code}\nk += n${last};\n${'}'.repeat(outerLoops - 1)}\n`
}
