/**
 * Expressions as programs: a list of instructions whose inputs are numbered, from which the code of
 * one element is generated.
 */

import { type Dtype, isBig, isComplex, isInteger } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { emitCast, realCode, type ValueCode } from './element-code.js'
import type { ElementwiseExpression } from './elementwise-expression.js'
import { emitOperator } from './elementwise-operators.js'

/** An expression with its leaves numbered. Programs with equal keys have equal code. */
export interface KernelProgram {
  readonly key: string
  /** The chunks that are read. The index of a chunk is its input number. */
  readonly chunks: readonly NDArray[]
  /** The plain values that are read: numbers, bools and parts of complex numbers; and integers of 64 bits. */
  readonly floats: Float64Array
  readonly bigs: readonly bigint[]
  readonly dtype: Dtype
  readonly nodes: number
  /**
   * Emits the code of one element: statements, and the name of the result. `read` returns the code
   * that reads an input. `suffix` is appended to the names that are declared.
   */
  emit(read: (input: number) => ValueCode, suffix: string): EmittedElement
}

/** The code of one element. */
interface EmittedElement {
  readonly lines: string
  readonly result: ValueCode
}

interface Instruction {
  readonly expression: ElementwiseExpression
  /** The instructions whose results are the arguments. */
  readonly args: readonly number[]
  /** For a leaf: the index of its chunk, float or bigint. */
  readonly index: number
}

/** Makes the program of an expression. A subtree that is used several times is one instruction. */
export function readProgram(root: ElementwiseExpression): KernelProgram {
  const instructions: Instruction[] = []
  const known = new Map<ElementwiseExpression | NDArray, number>()
  const chunks: NDArray[] = []
  const floats: number[] = []
  const bigs: bigint[] = []
  let key = ''
  const visit = (expression: ElementwiseExpression): number => {
    const identity = expression.kind === 'chunk' ? expression.chunk : expression
    const found = known.get(identity)
    if (found !== undefined) return found
    let args: number[] = []
    let index = 0
    if (expression.kind === 'chunk') index = chunks.push(expression.chunk) - 1
    else if (expression.kind === 'apply') args = expression.args.map(visit)
    else if (typeof expression.value === 'bigint') index = bigs.push(expression.value) - 1
    else if (typeof expression.value === 'object') {
      index = floats.push(expression.value.re, expression.value.im) - 2
    } else index = floats.push(Number(expression.value)) - 1
    key += instructionKey(expression, args)
    const position = instructions.push({ expression, args, index }) - 1
    known.set(identity, position)
    return position
  }
  visit(root)
  return {
    key,
    chunks,
    floats: Float64Array.from(floats),
    bigs,
    dtype: root.dtype,
    nodes: instructions.length,
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
  instructions.forEach(({ expression, args, index }, i) => {
    const name = `t${i}${suffix}`
    let code: ValueCode
    if (expression.kind === 'scalar') {
      names.push(scalarCode(expression.dtype, index))
      return
    }
    if (expression.kind === 'chunk') code = read(index)
    else {
      const cast = args.map((a, k) =>
        emitCast(names[a]!, instructions[a]!.expression.dtype, expression.casts[k]!),
      )
      // The code of an operation may use an argument twice, so each argument must be a name.
      const named = cast.map((c, k) => declareParts(`${name}_${k}`, c))
      if (expression.op === undefined) code = named[0]!
      else {
        const emitted = emitOperator(expression.op, expression.casts, named)
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
