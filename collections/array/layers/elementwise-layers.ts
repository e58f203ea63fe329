/**
 * Graphs of elementwise operations: broadcasting grids, and one blockwise layer an operation.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { type Arg, arg, type Step } from '../../../core/graph/recipe.js'
import { Chunk } from '../block/chunk.js'
import {
  type Dtype,
  isInteger,
  isWeak,
  type Scalar,
  toElement,
  type WeakScalar,
  weak,
} from '../block/dtype.js'
import { arity, type OperatorName, resolve } from '../expressions/elementwise-operators.js'
import { astype, elementwise } from '../expressions/lazy-chunk.js'
import { negativePower } from '../expressions/number-functions.js'
import { alignGrids } from '../planning/broadcast.js'
import { type Grid, sameGrid, show } from '../planning/chunk-grid.js'
import { type ArraySpec, blockwise, blockwiseRecipe, type Input } from './array-spec.js'
import { type FormulaArg, readFormula } from './formula-parser.js'
import { rechunkTo } from './rechunk-layers.js'

/** What users may operate with: an array or a plain value. */
export type OperandSpec = ArraySpec | Scalar

/** Whether a value is a lazy array. */
export function isSpec(value: unknown): value is ArraySpec {
  return (
    typeof value === 'object' &&
    value !== null &&
    'layer' in value &&
    'dtype' in value &&
    'chunks' in value
  )
}

/** Fails unless a value can be an operand. */
export function assertOperand(value: unknown, operation: string): asserts value is OperandSpec {
  const type = typeof value
  if (isSpec(value) || type === 'number' || type === 'bigint' || type === 'boolean') return
  const hint =
    Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Chunk
      ? '; make it an array with da.fromArray first'
      : ''
  throw new TypeError(
    `${operation}: ${show(value)} is neither an array nor a number, bigint or boolean${hint}`,
  )
}

/** Arrays cut alike and broadcast: each with how its blocks match the result's. */
export function alignArrays(
  operation: string,
  arrays: readonly ArraySpec[],
): { readonly inputs: readonly Input[]; readonly chunks: Grid } {
  const first = arrays[0]!.chunks
  if (arrays.every((array) => array.chunks === first || sameGrid(array.chunks, first))) {
    return { inputs: arrays.map((array) => ({ array })), chunks: first }
  }
  const { chunks, grids, axes } = alignGrids(
    operation,
    arrays.map((array) => array.chunks),
  )
  const inputs = arrays.map((given, i): Input => {
    const array = rechunkTo(given, grids[i]!)
    const same = grids[i]!.length === chunks.length && axes[i]!.every((axis, a) => axis === a)
    return same ? { array } : { array, axes: axes[i]! }
  })
  return { inputs, chunks }
}

/** One elementwise operation on arrays and plain values, at least one of them an array. */
export function elementwiseLayer(op: OperatorName, operands: readonly unknown[]): ArraySpec {
  const count = arity(op)
  if (operands.length !== count) {
    throw new TypeError(
      `${op} takes ${count} operand${count === 1 ? '' : 's'}, got ${operands.length}`,
    )
  }
  const checked = operands.map((operand) => {
    assertOperand(operand, op)
    return operand
  })
  const arrays = [...new Set(checked.filter(isSpec))]
  if (arrays.length === 0) throw new TypeError(`${op}: at least one operand must be an array`)
  const types = checked.map((operand) => (isSpec(operand) ? operand.dtype : weak(operand)))
  const { dtype } = checkTypes(op, types)
  const { inputs, chunks } = alignArrays(op, arrays)
  const args = checked.map((operand) =>
    isSpec(operand) ? arg.input(arrays.indexOf(operand)) : arg.value(operand),
  )
  return blockwise({
    operation: op,
    fn: elementwise,
    args: [arg.value(op), ...args],
    inputs,
    dtype,
    chunks,
    content: [op, args],
  })
}

/** The dtypes of an operation, plain values checked for whether they fit. */
function checkTypes(op: OperatorName, types: readonly (Dtype | WeakScalar)[]) {
  const resolution = resolve(op, types)
  const exponent = op === 'power' ? types[1]! : 'bool'
  if (isWeak(exponent) && isInteger(resolution.dtype) && Number(exponent.value) < 0) {
    throw negativePower(String(exponent.value))
  }
  types.forEach((type, i) => {
    if (typeof type !== 'string') toElement(type.value, resolution.casts[i]!, op)
  })
  return resolution
}

/** The same elements as another dtype. */
export function astypeLayer(array: ArraySpec, dtype: Dtype): ArraySpec {
  if (array.dtype === dtype) return array
  return blockwise({
    operation: 'astype',
    fn: astype,
    args: [arg.input(0), arg.value(dtype)],
    inputs: [{ array }],
    dtype,
    chunks: array.chunks,
    content: [],
  })
}

/** A formula over arrays and plain values: all its operations as steps of one layer. */
export function evaluateLayer(
  text: string,
  variables: Readonly<Record<string, unknown>>,
): ArraySpec {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
    throw new TypeError('evaluate: give the variables as an object, such as { x, y }')
  }
  const formula = readFormula(text, Object.keys(variables), arity)
  const used = usedVariables([...formula.operations.flatMap(({ args }) => args), formula.value])
  const arrays: ArraySpec[] = []
  for (const name of used) {
    const value = variables[name]
    assertOperand(value, `evaluate: variable '${name}'`)
    if (isSpec(value) && !arrays.includes(value)) arrays.push(value)
  }
  if (arrays.length === 0) throw new TypeError(`evaluate: '${text}' uses no array`)
  const plain = foldPlain(formula.operations, variables)
  const { inputs, chunks } = alignArrays('evaluate', arrays)
  const steps: Step[] = []
  const stepOf: number[] = []
  const types: (Dtype | WeakScalar)[] = []
  const site = captureCallSite()
  const argOf = (a: FormulaArg): { arg: Arg; type: Dtype | WeakScalar } => {
    if (a.kind === 'result') {
      const type = types[a.index]!
      return {
        type,
        arg: typeof type === 'string' ? arg.step(stepOf[a.index]!) : arg.value(type.value),
      }
    }
    const value = a.kind === 'number' ? a.value : (variables[a.name] as OperandSpec)
    return isSpec(value)
      ? { type: value.dtype, arg: arg.input(arrays.indexOf(value)) }
      : { type: weak(value), arg: arg.value(value) }
  }
  formula.operations.forEach(({ op, args }, i) => {
    const folded = plain[i]
    if (folded !== undefined) {
      types.push(weak(folded))
      stepOf.push(-1)
      return
    }
    const given = args.map(argOf)
    types.push(
      checkTypes(
        op,
        given.map(({ type }) => type),
      ).dtype,
    )
    const fnArgs = [arg.value(op), ...given.map((g) => g.arg)]
    stepOf.push(
      steps.push({ fn: elementwise, args: fnArgs, label: `evaluate('${text}')`, site }) - 1,
    )
  })
  const last = argOf(formula.value)
  if (typeof last.type !== 'string') throw new TypeError(`evaluate: '${text}' is a plain number`)
  if (steps.length === 0) {
    return arrays[0]!
  }
  return blockwiseRecipe({
    operation: 'evaluate',
    recipe: { steps, inputs: arrays.length, params: 0 },
    inputs,
    dtype: last.type,
    chunks,
    content: steps.map((step) => step.args),
    site,
  })
}

function usedVariables(args: readonly FormulaArg[]): string[] {
  return [...new Set(args.flatMap((a) => (a.kind === 'variable' ? [a.name] : [])))]
}

/** The operations that only plain values go into, done now: `2 * pi * x` multiplies x once. */
function foldPlain(
  operations: readonly { readonly op: OperatorName; readonly args: readonly FormulaArg[] }[],
  variables: Readonly<Record<string, unknown>>,
): (Scalar | undefined)[] {
  const folded: (Scalar | undefined)[] = []
  const plainValue = (a: FormulaArg): Scalar | undefined => {
    if (a.kind === 'number') return a.value
    if (a.kind === 'result') return folded[a.index]
    const value = variables[a.name]
    return isSpec(value) ? undefined : (value as Scalar)
  }
  for (const { op, args } of operations) {
    const values = args.map(plainValue)
    if (values.some((value) => value === undefined)) folded.push(undefined)
    else {
      const [first, ...rest] = values as Scalar[]
      const dtype =
        typeof first === 'boolean' ? 'bool' : typeof first === 'bigint' ? 'int64' : 'float64'
      const leaf = Chunk.scalar(dtype, first!)
      folded.push(
        elementwise(op, leaf, ...rest)
          .finish()
          .item(),
      )
    }
  }
  return folded
}
