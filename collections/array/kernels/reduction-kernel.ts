/**
 * Reducing an expression along axes: the expression is computed inside the reducing loop, so
 * `sum(sqrt(x * x + y * y))` makes no array of square roots.
 *
 * Two loop orders. When neighbours in memory are reduced together, each result is finished in one
 * go, by several accumulators at a time; sums add blocks of at most `BLOCK` elements with
 * compensation, so their error does not grow with the number of elements. When neighbours in memory
 * belong to different results, a row of results is updated at a time.
 */
import { allocate, Chunk, rowMajor, sizeOf } from '../block/chunk.js'
import { type Dtype, isFloat } from '../block/dtype.js'
import { memoryOrder } from '../expressions/elementwise-kernel.js'
import { emitStore } from '../expressions/elementwise-operators.js'
import {
  collapse,
  emitHeader,
  emitHoisted,
  emitOpen,
  innerLoads,
  kernel,
  type Loops,
  type Names,
  namesIn,
  type Program,
  readProgram,
  runKernel,
  spreadStrides,
  strideKinds,
} from '../expressions/generated-loops.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'

/** A reduction that one kernel does. */
export type Reducer = 'sum' | 'prod' | 'min' | 'max' | 'any' | 'all'

/** Elements that are added without compensation. */
const BLOCK = 512
/** Integers are added as floats while that is exact: 2 ** 21 values below 2 ** 32. */
const EXACT_COUNT = 2 ** 21
/** Rows of results shorter than this are not worth updating together. */
const SHORT_ROW = 8

/** What the loops keep: the dtype values are made, that of the accumulators, and the code. */
interface Accumulation {
  /** The dtype that elements are converted to before they are accumulated. */
  readonly element: Dtype
  /** The dtype of what the kernel writes. */
  readonly held: Dtype
  readonly start: string
  readonly add: (a: string, v: string) => string
  readonly compensated: boolean
}

const plus = (a: string, v: string) => `${a} + ${v}`

function accumulation(reducer: Reducer, dtype: Dtype): Accumulation {
  const plain = { compensated: false }
  switch (reducer) {
    case 'sum':
      if (dtype === 'int64') {
        const add = (a: string, v: string) => `BigInt.asIntN(64, ${a} + ${v})`
        return { ...plain, element: 'int64', held: 'int64', start: '0n', add }
      }
      if (isFloat(dtype)) {
        return { element: 'float64', held: 'float64', start: '0', add: plus, compensated: true }
      }
      return { ...plain, element: 'float64', held: 'float64', start: '0', add: plus }
    case 'prod': {
      if (isFloat(dtype)) {
        const add = (a: string, v: string) => `${a} * ${v}`
        return { ...plain, element: 'float64', held: 'float64', start: '1', add }
      }
      const add = (a: string, v: string) => `BigInt.asIntN(64, ${a} * ${v})`
      return { ...plain, element: 'int64', held: 'int64', start: '1n', add }
    }
    case 'any':
      return {
        ...plain,
        element: 'bool',
        held: 'bool',
        start: 'false',
        add: (a, v) => `${a} || ${v}`,
      }
    case 'all':
      return {
        ...plain,
        element: 'bool',
        held: 'bool',
        start: 'true',
        add: (a, v) => `${a} && ${v}`,
      }
    default:
      return { ...plain, element: dtype, held: dtype, ...extreme(reducer, dtype) }
  }
}

function extreme(reducer: 'min' | 'max', dtype: Dtype) {
  const low = reducer === 'min'
  if (dtype === 'bool') {
    const symbol = low ? '&&' : '||'
    return { start: String(low), add: (a: string, v: string) => `${a} ${symbol} ${v}` }
  }
  if (isFloat(dtype)) {
    const start = low ? 'Infinity' : '-Infinity'
    return { start, add: (a: string, v: string) => `Math.${reducer}(${a}, ${v})` }
  }
  const start = {
    int32: low ? '2147483647' : '-2147483648',
    uint8: low ? '255' : '0',
    int64: low ? '9223372036854775807n' : '-9223372036854775808n',
  }[dtype as 'int32' | 'uint8' | 'int64']
  const symbol = low ? '<' : '>'
  return { start, add: (a: string, v: string) => `${v} ${symbol} ${a} ? ${v} : ${a}` }
}

/** The dtype of a partial result of a reduction. */
export function partialDtype(reducer: Reducer, dtype: Dtype): Dtype {
  if (reducer === 'min' || reducer === 'max') return dtype
  if (reducer === 'any' || reducer === 'all') return 'bool'
  return isFloat(dtype) ? 'float64' : 'int64'
}

/** Reduces along some axes, which stay as axes of size 1. Sums of floats are given in float64. */
export function reduceChunk(value: LazyChunk, reducer: Reducer, axes: readonly number[]): Chunk {
  const { element, held, ...code } = accumulation(reducer, value.dtype)
  const program = readProgram(astype(value, element).expression)
  const { loops, kept, shape, out, inner } = layOut(program, value.shape, axes, held)
  if (sizeOf(value.shape) === 0) fillStart(out, code.start)
  else if (out.length > 0) {
    const exact = held === 'float64' && !isFloat(value.dtype)
    if (exact && sizeOf(value.shape) / out.length > EXACT_COUNT) return sumWide(value, axes)
    const emitted: Accumulation = { element, held, ...code }
    const make = inner ? emitRowKernel : emitResultKernel
    const key = `${reducer}|${program.key}|${held}|${kept}|${inner}|${loops.sizes.length}|${strideKinds(loops, loops.sizes.length - 1)}`
    const run = kernel(key, () => make(program, loops, kept, emitted))
    runKernel(run, program, loops, out)
  }
  const result = shapeResult(out, held, shape.shape, shape.order, axes)
  const wanted = partialDtype(reducer, value.dtype)
  return wanted === held ? result : astype(result, wanted).chunk()
}

/** Sums integers too many to be added as floats. */
function sumWide(value: LazyChunk, axes: readonly number[]): Chunk {
  return reduceChunk(astype(value, 'int64'), 'sum', axes)
}

interface Layout {
  readonly loops: Loops
  /** How many of the loops, from the outermost, run over results. */
  readonly kept: number
  /** Whether the innermost loop runs over results. */
  readonly inner: boolean
  readonly out: ReturnType<typeof allocate>
  readonly shape: { readonly shape: readonly number[]; readonly order: readonly number[] }
}

/** Puts the loops over results outside and those over what is reduced inside, or the last one inside out. */
function layOut(
  program: Program,
  shape: readonly number[],
  axes: readonly number[],
  held: Dtype,
): Layout {
  const spread = program.chunks.map((chunk) => spreadStrides(chunk, shape))
  const order = memoryOrder(program.chunks, spread, shape)
  const reduced = new Set(axes)
  const along = (list: readonly number[]): Loops =>
    collapse({
      sizes: list.map((axis) => shape[axis]!),
      strides: spread.map((own) => list.map((axis) => own[axis]!)),
    })
  const results = order.filter((axis) => !reduced.has(axis))
  const outer = along(results)
  const within = along(order.filter((axis) => reduced.has(axis)))
  const nearest = order.findLast((axis) => shape[axis] !== 1)
  const inner =
    nearest !== undefined &&
    !reduced.has(nearest) &&
    within.sizes.length > 0 &&
    outer.sizes.at(-1)! >= SHORT_ROW
  const pick = (own: readonly number[], rest: readonly number[]) =>
    inner ? [...own.slice(0, -1), ...rest, ...own.slice(-1)] : [...own, ...rest]
  const rest =
    within.sizes.length > 0 || inner ? within : { sizes: [1], strides: spread.map(() => [0]) }
  const loops = {
    sizes: pick(outer.sizes, rest.sizes),
    strides: outer.strides.map((own, s) => pick(own, rest.strides[s]!)),
  }
  return {
    loops,
    kept: outer.sizes.length,
    inner,
    out: allocate(held, sizeOf(results.map((axis) => shape[axis]!))),
    shape: { shape, order: results },
  }
}

function fillStart(out: ReturnType<typeof allocate>, start: string): void {
  if (out instanceof BigInt64Array) out.fill(BigInt(start.slice(0, -1)))
  else out.fill(start === 'true' ? 1 : start === 'false' ? 0 : Number(start))
}

/** The results, which lie in the order of their loops, under the input's axes. */
function shapeResult(
  out: ReturnType<typeof allocate>,
  dtype: Dtype,
  shape: readonly number[],
  order: readonly number[],
  axes: readonly number[],
): Chunk {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const strides = new Array<number>(shape.length).fill(1)
  rowMajor(order.map((axis) => shape[axis]!)).forEach((stride, i) => {
    strides[order[i]!] = stride
  })
  return new Chunk(dtype, out, kept, strides)
}

/** How many accumulators a loop over an expression of some size keeps apart. */
function width(nodes: number): number {
  return nodes <= 4 ? 8 : nodes <= 12 ? 4 : 2
}

/** Each result finished in one go. */
function emitResultKernel(program: Program, loops: Loops, kept: number, how: Accumulation): string {
  const inputs = program.chunks.length
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const lanes = width(program.nodes)
  const range = Array.from({ length: lanes }, (_, u) => u)
  const element = (shift: number, accumulator: string) => {
    const { lines, result } = program.emit(innerLoads(program, kinds, last, { shift }), `_${shift}`)
    return `${lines}${accumulator} = ${how.add(accumulator, result)};\n`
  }
  const total = range.map((u) => `r${u}`)
  const joined = total
    .slice(1)
    .map((r) => `r0 = ${how.add('r0', r)};`)
    .join(' ')
  const into = how.compensated
    ? `${joined} sum = acc + r0; rest += Math.abs(acc) >= Math.abs(r0) ? (acc - sum) + r0 : (r0 - sum) + acc; acc = sum;`
    : `${joined} acc = ${how.add('acc', 'r0')};`
  let code = `${emitHeader(inputs, last + 1)}let k = 0;\n`
  for (let d = 0; d < kept; d++) code += emitOpen(inputs, d)
  code += `let acc = ${how.start}; let sum = 0, rest = 0;\n`
  for (let d = kept; d < last; d++) code += emitOpen(inputs, d)
  code += emitHoisted(program, kinds, namesIn(last))
  code += `const n = n${last}; let i = 0;
while (n - i >= ${lanes}) {
let ${total.map((r) => `${r} = ${how.start}`).join(', ')};
const stop = Math.min(n - (n - i) % ${lanes}, i + ${BLOCK});
for (; i < stop; i += ${lanes}) {
${range.map((u) => element(u, `r${u}`)).join('')}}
${into}
}
{ let r0 = ${how.start};
for (; i < n; i++) {\n${element(0, 'r0')}}
${into.replace(joined, '')} }\n`
  code += '}'.repeat(Math.max(0, last - kept))
  const value = how.compensated ? '(acc - acc === 0 ? acc + rest : acc)' : 'acc'
  code += `\nout[k++] = ${emitStore(value, how.held)};\n${'}'.repeat(kept)}\n`
  return code
}

/** A row of results updated for each row of elements, four rows at a time. */
function emitRowKernel(program: Program, loops: Loops, kept: number, how: Accumulation): string {
  const inputs = program.chunks.length
  const last = loops.sizes.length - 1
  const kinds = strideKinds(loops, last)
  const rows = last - 1
  const isBool = how.held === 'bool'
  const stored = isBool ? '(out[k + i] !== 0)' : 'out[k + i]'
  const namesOf = (u: number): Names => ({
    place: (slot) => `q${slot}_${u}`,
    held: (slot) => `h${slot}_${u}`,
  })
  const update = (lanes: number) => {
    let places = ''
    let body = `let v = ${stored};\n`
    for (let u = 0; u < lanes; u++) {
      const names = namesOf(u)
      program.chunks.forEach((_, s) => {
        places += `const ${names.place(s)} = p${s}_${rows} + (r + ${u}) * s${s}_${rows};\n`
      })
      places += emitHoisted(program, kinds, names)
      const { lines, result } = program.emit(innerLoads(program, kinds, last, { names }), `_${u}`)
      body += `${lines}v = ${how.add('v', result)};\n`
    }
    const put = emitStore('v', how.held)
    return `${places}for (let i = 0; i < n${last}; i++) {\n${body}out[k + i] = ${put};\n}\n`
  }
  const lanes = Math.min(4, width(program.nodes))
  let code = `${emitHeader(inputs, last + 1)}let k = 0;\n`
  for (let d = 0; d < kept - 1; d++) code += emitOpen(inputs, d)
  code += `for (let i = 0; i < n${last}; i++) out[k + i] = ${emitStore(how.start, how.held)};\n`
  for (let d = kept - 1; d < rows; d++) code += emitOpen(inputs, d)
  code += `let r = 0;
for (; r + ${lanes} <= n${rows}; r += ${lanes}) {\n${update(lanes)}}
for (; r < n${rows}; r++) {\n${update(1)}}\n`
  code += '}'.repeat(rows - (kept - 1))
  return `${code}\nk += n${last};\n${'}'.repeat(kept - 1)}\n`
}
