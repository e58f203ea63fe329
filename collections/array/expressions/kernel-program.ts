/**
 * Expressions as programs: a list of instructions whose inputs are numbered, from which the code of
 * one element is generated.
 */
import { invariant } from '../../../core/base/errors.js'
import { type Dtype, isBig, isComplex, isInteger } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { emitCast, realCode, type ValueCode } from './element-code.js'
import type { ElementwiseExpression } from './elementwise-expression.js'
import { emitOperator } from './elementwise-operators.js'
import type { OperatorName } from './operator-table.js'

/** The structure of an expression, with its leaves numbered. Programs with equal keys are one object. */
export interface KernelProgram {
  readonly key: string
  /** The dtypes of the chunks that are read. */
  readonly inputs: readonly Dtype[]
  /** The number of plain values that are read as floats. */
  readonly floats: number
  readonly dtype: Dtype
  readonly nodes: number
  readonly instructions: readonly Instruction[]
  /**
   * Emits the code of one element: statements, and the name of the result. `read` returns the code
   * that reads an input. `suffix` is appended to the names that are declared.
   */
  emit(read: (input: number) => ValueCode, suffix: string): EmittedElement
}

/** The values that a program reads in one block. */
export interface ProgramData {
  /** The index of a chunk is its input number. */
  readonly chunks: readonly NDArray[]
  /** The plain values: numbers, bools and parts of complex numbers; and integers of 64 bits. */
  readonly floats: Float64Array
  readonly bigs: readonly bigint[]
}

/** An expression as a program and its data. */
export interface ReadExpression {
  readonly program: KernelProgram
  readonly data: ProgramData
}

/** The code of one element. */
interface EmittedElement {
  readonly lines: string
  readonly result: ValueCode
}

interface Instruction {
  readonly kind: ElementwiseExpression['kind']
  readonly op: OperatorName | undefined
  readonly casts: readonly Dtype[]
  readonly dtype: Dtype
  /** The instructions whose results are the arguments. */
  readonly args: readonly number[]
  /** For a leaf: the index of its chunk, float or bigint. */
  readonly index: number
}

/** All programs by their keys. */
const programs = new Map<string, KernelProgram>()

/** The programs that were used last for expressions with the same operation at the root, the last one first. */
const recent = new Map<string | undefined, KernelProgram[]>()

const MOST_RECENT = 8

/**
 * Returns the program and the data of an expression. A subtree that is used several times is one
 * instruction. The tasks of a recipe have equal expressions, so a recent program is tried first.
 */
export function readProgram(root: ElementwiseExpression): ReadExpression {
  const rootName = root.kind === 'apply' ? root.op : root.kind
  let candidates = recent.get(rootName)
  if (candidates === undefined) recent.set(rootName, (candidates = []))
  for (let i = 0; i < candidates.length; i++) {
    const program = candidates[i]!
    const data = matchProgram(program, root)
    if (data === undefined) continue
    if (i > 0) candidates.unshift(...candidates.splice(i, 1))
    return { program, data }
  }
  const made = makeProgram(root)
  const program = programs.get(made.key) ?? made
  if (program === made) programs.set(made.key, made)
  candidates.unshift(program)
  if (candidates.length > MOST_RECENT) candidates.pop()
  const data = matchProgram(program, root)
  invariant(data !== undefined, 'a program matches its expression')
  return { program, data }
}

const noFloats = new Float64Array(0)

/** Returns the data of an expression if a program is the one that `makeProgram` makes of it. */
function matchProgram(
  { instructions, inputs, floats: count }: KernelProgram,
  root: ElementwiseExpression,
): ProgramData | undefined {
  const seen = new Array<ElementwiseExpression | NDArray | undefined>(instructions.length)
  const chunks = new Array<NDArray>(inputs.length)
  const floats = count === 0 ? noFloats : new Float64Array(count)
  const bigs: bigint[] = []
  const matches = (at: number, expression: ElementwiseExpression): boolean => {
    const { kind, op, casts, dtype, args, index } = instructions[at]!
    const identity = expression.kind === 'chunk' ? expression.chunk : expression
    if (seen[at] !== undefined) return seen[at] === identity
    seen[at] = identity
    if (expression.kind !== kind || expression.dtype !== dtype) return false
    if (expression.kind === 'chunk') chunks[index] = expression.chunk
    else if (expression.kind === 'scalar') {
      const { value } = expression
      if (typeof value === 'bigint') bigs[index] = value
      else if (typeof value === 'object') {
        floats[index] = value.re
        floats[index + 1] = value.im
      } else floats[index] = Number(value)
    } else {
      if (expression.op !== op) return false
      for (let i = 0; i < args.length; i++) {
        if (expression.casts[i] !== casts[i] || !matches(args[i]!, expression.args[i]!))
          return false
      }
    }
    return true
  }
  const isMatch = matches(instructions.length - 1, root) && areDistinct(chunks)
  return isMatch ? { chunks, floats, bigs } : undefined
}

/** Whether no chunk occurs twice. Equal subtrees read equal chunks, so none of them occurs twice either. */
function areDistinct(chunks: readonly NDArray[]): boolean {
  if (chunks.length > 8) return new Set(chunks).size === chunks.length
  for (let i = 1; i < chunks.length; i++) if (chunks.indexOf(chunks[i]!) < i) return false
  return true
}

/** Makes the program of an expression. */
function makeProgram(root: ElementwiseExpression): KernelProgram {
  const instructions: Instruction[] = []
  const known = new Map<ElementwiseExpression | NDArray, number>()
  const inputs: Dtype[] = []
  let floats = 0
  let bigs = 0
  let key = ''
  const visit = (expression: ElementwiseExpression): number => {
    const identity = expression.kind === 'chunk' ? expression.chunk : expression
    const found = known.get(identity)
    if (found !== undefined) return found
    const { kind, dtype } = expression
    let op: OperatorName | undefined
    let casts: readonly Dtype[] = []
    let args: number[] = []
    let index = 0
    if (expression.kind === 'chunk') index = inputs.push(dtype) - 1
    else if (expression.kind === 'scalar') {
      const isBig = typeof expression.value === 'bigint'
      index = isBig ? bigs++ : floats
      if (!isBig) floats += isComplex(dtype) ? 2 : 1
    } else {
      ;({ op, casts } = expression)
      args = expression.args.map(visit)
    }
    key += instructionKey(expression, args)
    const position = instructions.push({ kind, op, casts, dtype, args, index }) - 1
    known.set(identity, position)
    return position
  }
  visit(root)
  return {
    key,
    inputs,
    floats,
    dtype: root.dtype,
    nodes: instructions.length,
    instructions,
    emit: (read, suffix) => emitProgram(instructions, read, suffix),
  }
}

function instructionKey(expression: ElementwiseExpression, args: readonly number[]): string {
  if (expression.kind === 'chunk') return `@${expression.dtype};`
  if (expression.kind === 'scalar') return `#${expression.dtype};`
  return `${expression.op ?? 'cast'}:${expression.casts.join()}(${args.join()});`
}

function emitProgram(
  instructions: readonly Instruction[],
  read: (input: number) => ValueCode,
  suffix: string,
): EmittedElement {
  const names: ValueCode[] = []
  let lines = ''
  const declare = (name: string, code: string): string => {
    if (/^\w*$/.test(code)) return code
    lines += `const ${name} = ${code};\n`
    return name
  }
  const declareParts = (name: string, { re, im }: ValueCode): ValueCode => {
    return { re: declare(name, re), im: declare(`${name}i`, im) }
  }
  instructions.forEach(({ kind, op, casts, dtype, args, index }, i) => {
    const name = `t${i}${suffix}`
    let code: ValueCode
    if (kind === 'scalar') {
      names.push(scalarCode(dtype, index))
      return
    }
    if (kind === 'chunk') code = read(index)
    else {
      const cast = args.map((a, k) => emitCast(names[a]!, instructions[a]!.dtype, casts[k]!))
      // The code of an operation may use an argument twice, so each argument must be a name.
      const named = cast.map((c, k) => declareParts(`${name}_${k}`, c))
      if (op === undefined) code = named[0]!
      else {
        const emitted = emitOperator(op, casts, named)
        lines += emitted.lines
        code = emitted.result
      }
    }
    names.push(declareParts(name, code))
  })
  return { lines, result: names.at(-1)! }
}

/** Returns the code that reads a plain value, in a form that V8 knows the number type of. */
function scalarCode(dtype: Dtype, index: number): ValueCode {
  const number = `floats[${index}]`
  if (isComplex(dtype)) return { re: number, im: `floats[${index + 1}]` }
  if (isBig(dtype)) return realCode(`bigs[${index}]`)
  if (dtype === 'bool') return realCode(`(${number} !== 0)`)
  if (!isInteger(dtype)) return realCode(number)
  return realCode(dtype === 'uint32' ? `(${number} >>> 0)` : `(${number} | 0)`)
}
