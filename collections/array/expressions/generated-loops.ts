/**
 * What all generated kernels have in common: reading an expression as a program with numbered
 * inputs, laying its inputs out over loops, and writing the loops.
 *
 * A kernel is made once for each combination of program, loops and kinds of stride, and kept. It
 * works on typed arrays of fixed kinds only, which is what keeps it fast.
 */
import type { Chunk } from '../block/chunk.js'
import type { Dtype, TypedArray } from '../block/dtype.js'
import { emit, emitCast, emitLoad } from './elementwise-operators.js'
import type { Expression } from './lazy-chunk.js'
import * as numbers from './number-functions.js'

/** An expression with its leaves numbered: equal keys mean equal code. */
export interface Program {
  readonly key: string
  readonly chunks: readonly Chunk[]
  readonly floats: Float64Array
  readonly bigs: readonly bigint[]
  readonly dtype: Dtype
  readonly nodes: number
  /** Code of one element: statements, and the name of the result. `load` gives a slot's element. */
  emit(load: (slot: number) => string, suffix: string): { lines: string; result: string }
}

interface Instruction {
  readonly expression: Expression
  readonly args: readonly number[]
  /** Leaves: which chunk, float or bigint it is. */
  readonly slot: number
}

/** Numbers the parts of an expression, each once however often it is used. */
export function readProgram(root: Expression): Program {
  const instructions: Instruction[] = []
  const index = new Map<Expression | Chunk, number>()
  const chunks: Chunk[] = []
  const floats: number[] = []
  const bigs: bigint[] = []
  let key = ''
  const visit = (expression: Expression): number => {
    const identity = expression.kind === 'chunk' ? expression.chunk : expression
    const known = index.get(identity)
    if (known !== undefined) return known
    let args: number[] = []
    let slot = 0
    if (expression.kind === 'chunk') slot = chunks.push(expression.chunk) - 1
    else if (expression.kind === 'apply') args = expression.args.map(visit)
    else if (typeof expression.value === 'bigint') slot = bigs.push(expression.value) - 1
    else slot = floats.push(Number(expression.value)) - 1
    key += instructionKey(expression, args)
    const at = instructions.push({ expression, args, slot }) - 1
    index.set(identity, at)
    return at
  }
  visit(root)
  return {
    key,
    chunks,
    floats: Float64Array.from(floats),
    bigs,
    dtype: root.dtype,
    nodes: instructions.length,
    emit: (load, suffix) => emitProgram(instructions, load, suffix),
  }
}

function instructionKey(expression: Expression, args: readonly number[]): string {
  if (expression.kind === 'chunk') return `@${expression.dtype};`
  if (expression.kind === 'scalar') return `#${expression.dtype};`
  return `${expression.op ?? 'cast'}:${expression.casts.join()}(${args.join()});`
}

function emitProgram(
  instructions: readonly Instruction[],
  load: (slot: number) => string,
  suffix: string,
): { lines: string; result: string } {
  const names: string[] = []
  let lines = ''
  instructions.forEach(({ expression, args, slot }, i) => {
    const name = `t${i}${suffix}`
    let code: string
    if (expression.kind === 'scalar') {
      names.push(scalarName(expression.dtype, slot))
      return
    }
    if (expression.kind === 'chunk') code = load(slot)
    else {
      const cast = args.map((a, k) =>
        emitCast(names[a]!, instructions[a]!.expression.dtype, expression.casts[k]!),
      )
      // An operation may use an argument twice, so each is a name and not a calculation.
      const named = cast.map((c, k) => {
        if (/^\w+$/.test(c)) return c
        lines += `const ${name}_${k} = ${c};\n`
        return `${name}_${k}`
      })
      code = expression.op === undefined ? named[0]! : emit(expression.op, expression.casts, named)
    }
    lines += `const ${name} = ${code};\n`
    names.push(name)
  })
  return { lines, result: names.at(-1)! }
}

function scalarName(dtype: Dtype, slot: number): string {
  if (dtype === 'int64') return `bigs[${slot}]`
  if (dtype === 'bool') return `(floats[${slot}] !== 0)`
  return dtype === 'int32' || dtype === 'uint8' ? `(floats[${slot}] | 0)` : `floats[${slot}]`
}

/** Loops from the outermost to the innermost, and how far each input moves in each. */
export interface Loops {
  readonly sizes: readonly number[]
  /** Per input, per loop. */
  readonly strides: readonly (readonly number[])[]
}

/** The strides of a chunk when it is spread over a larger shape: 0 along what it repeats. */
export function spreadStrides(chunk: Chunk, shape: readonly number[]): number[] {
  const lead = shape.length - chunk.shape.length
  return shape.map((n, axis) => {
    const own = axis - lead
    if (own < 0) return 0
    return chunk.shape[own] === 1 && n !== 1 ? 0 : chunk.strides[own]!
  })
}

/** Drops loops of one turn, and joins neighbouring loops that run through memory as one. */
export function collapse(loops: Loops): Loops {
  const sizes: number[] = []
  const strides: number[][] = loops.strides.map(() => [])
  for (let d = 0; d < loops.sizes.length; d++) {
    const n = loops.sizes[d]!
    if (n === 1) continue
    const joins =
      sizes.length > 0 && loops.strides.every((own, s) => strides[s]!.at(-1) === own[d]! * n)
    if (joins) {
      sizes[sizes.length - 1]! *= n
      loops.strides.forEach((own, s) => {
        strides[s]![sizes.length - 1] = own[d]!
      })
    } else {
      sizes.push(n)
      loops.strides.forEach((own, s) => {
        strides[s]!.push(own[d]!)
      })
    }
  }
  return { sizes, strides }
}

/** The arguments of every generated kernel. */
export type Kernel = (
  out: TypedArray,
  arrays: readonly TypedArray[],
  offsets: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
  floats: Float64Array,
  bigs: readonly bigint[],
  extra: TypedArray | undefined,
) => void

const kernels = new Map<string, Kernel>()
const helpers = `const { ${Object.keys(numbers).join(', ')} } = numbers;\n`

/** The kernel with this key, made from its body on first use. */
export function kernel(key: string, body: () => string): Kernel {
  let made = kernels.get(key)
  if (made === undefined) {
    const source = `${helpers}return function (out, arrays, offsets, sizes, strides, floats, bigs, extra) {\n${body()}}`
    made = new Function('numbers', source)(numbers) as Kernel
    kernels.set(key, made)
  }
  return made
}

/** Runs a kernel over a program's inputs. */
export function runKernel(
  run: Kernel,
  program: Program,
  loops: Loops,
  out: TypedArray,
  extra?: TypedArray,
): void {
  run(
    out,
    program.chunks.map((chunk) => chunk.data),
    program.chunks.map((chunk) => chunk.offset),
    loops.sizes,
    loops.strides.flat(),
    program.floats,
    program.bigs,
    extra,
  )
}

/** How an input moves in one loop: one element at a time, not at all, or by some other stride. */
export function strideKinds(loops: Loops, loop: number): string {
  return loops.strides.map((own) => (own[loop] === 1 ? '1' : own[loop] === 0 ? '0' : 's')).join('')
}

/** Declares inputs, sizes and strides of a kernel: `a0`, `n0`, `s0_0` (input, loop), `p0_0`. */
export function emitHeader(inputs: number, rank: number): string {
  let code = ''
  for (let d = 0; d < rank; d++) code += `const n${d} = sizes[${d}];\n`
  for (let s = 0; s < inputs; s++) {
    code += `const a${s} = arrays[${s}], p${s}_0 = offsets[${s}];\n`
    for (let d = 0; d < rank; d++) code += `const s${s}_${d} = strides[${s * rank + d}];\n`
  }
  return code
}

/** Opens loop `d`: inside, `p0_{d+1}` is where input 0 is. */
export function emitOpen(inputs: number, d: number): string {
  let code = `for (let i${d} = 0; i${d} < n${d}; i${d}++) {\n`
  for (let s = 0; s < inputs; s++)
    code += `const p${s}_${d + 1} = p${s}_${d} + i${d} * s${s}_${d};\n`
  return code
}

/** What generated code calls the place of an input, and the value of one that does not move. */
export interface Names {
  readonly place: (slot: number) => string
  readonly held: (slot: number) => string
}

/** The names inside loop `d` that `emitOpen` and `emitHoisted` declare. */
export function namesIn(d: number): Names {
  return { place: (slot) => `p${slot}_${d}`, held: (slot) => `h${slot}` }
}

/** Reads of each input inside the innermost loop `d`, whose counter is `i`, `shift` turns further on. */
export function innerLoads(
  program: Program,
  kinds: string,
  d: number,
  { shift = 0, names = namesIn(d) }: { readonly shift?: number; readonly names?: Names } = {},
): (slot: number) => string {
  return (slot) => {
    const { dtype } = program.chunks[slot]!
    if (kinds[slot] === '0') return names.held(slot)
    const i = shift === 0 ? 'i' : `i + ${shift}`
    const at = kinds[slot] === '1' ? i : `(${i}) * s${slot}_${d}`
    return emitLoad(`a${slot}[${names.place(slot)} + ${at}]`, dtype)
  }
}

/** Reads the inputs that do not move in the innermost loop, ahead of it. */
export function emitHoisted(program: Program, kinds: string, names: Names): string {
  let code = ''
  program.chunks.forEach(({ dtype }, slot) => {
    if (kinds[slot] !== '0') return
    code += `const ${names.held(slot)} = ${emitLoad(`a${slot}[${names.place(slot)}]`, dtype)};\n`
  })
  return code
}
