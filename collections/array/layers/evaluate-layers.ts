/**
 * The layer of a formula, such as `sqrt(x^2 + y^2)`: all its operations are steps of one recipe.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { type Arg, arg, type Step } from '../../../core/graph/recipe.js'
import {
  type Dtype,
  isWeak,
  resultType,
  type Scalar,
  type WeakScalar,
  weak,
} from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { elementwise } from '../steps/elementwise-steps.js'
import { type ArraySpec, blockwiseRecipe, isArraySpec } from './array-spec.js'
import { checkDtypes } from './elementwise-layers.js'
import {
  type Formula,
  type FormulaArg,
  type FormulaOperation,
  parseFormula,
} from './formula-parser.js'
import { alignArrays, assertOperand, type OperandSpec } from './operands.js'

/** The values of the variables of a formula, by name. */
type Variables = ReadonlyMap<string, OperandSpec>

/** Evaluates a formula in mathjs's syntax over arrays and plain values. */
export function evaluateLayer(
  source: string,
  variables: Readonly<Record<string, unknown>>,
): ArraySpec {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
    throw new TypeError('evaluate: give the variables as an object, such as { x, y }')
  }
  const formula = parseFormula(source, Object.keys(variables))
  const { arrays, values } = usedVariables(formula, variables)
  if (arrays.length === 0) throw new TypeError(`evaluate: '${source}' uses no array`)
  const folded = foldConstants(formula.operations, values)
  const { inputs, chunks } = alignArrays('evaluate', arrays)
  const site = captureCallSite()
  const label = `evaluate('${source}')`
  const steps: Step[] = []
  /** For each operation of the formula, its value as an argument of later ones. */
  const results: TypedArg[] = []
  const typedArg = (a: FormulaArg): TypedArg => {
    if (a.kind === 'result') return results[a.index]!
    return operandArg(a.kind === 'number' ? a.value : values.get(a.name)!, arrays)
  }
  formula.operations.forEach(({ op, args }, i) => {
    const constant = folded[i]
    if (constant !== undefined) {
      results.push(operandArg(constant, arrays))
      return
    }
    const typed = args.map(typedArg)
    const { dtype } = checkDtypes(
      op,
      typed.map(({ type }) => type),
    )
    const stepArgs = [arg.value(op), ...typed.map((t) => t.arg)]
    steps.push({ fn: elementwise, args: stepArgs, label, site })
    results.push({ arg: arg.step(steps.length - 1), type: dtype })
  })
  const { type } = typedArg(formula.value)
  if (isWeak(type)) throw new TypeError(`evaluate: '${source}' is a plain number`)
  if (steps.length === 0) return arrays[0]!
  return blockwiseRecipe({
    operation: 'evaluate',
    recipe: { steps, inputs: arrays.length, params: 0 },
    inputs,
    dtype: type,
    chunks,
    content: steps.map((step) => step.args),
    site,
  })
}

/** An argument of a step, with its dtype or plain value. */
interface TypedArg {
  readonly arg: Arg
  readonly type: Dtype | WeakScalar
}

function operandArg(value: OperandSpec, arrays: readonly ArraySpec[]): TypedArg {
  return isArraySpec(value)
    ? { arg: arg.input(arrays.indexOf(value)), type: value.dtype }
    : { arg: arg.value(value), type: weak(value) }
}

/** Returns the variables that a formula uses, checked, and the arrays among them, each once. */
function usedVariables(
  formula: Formula,
  variables: Readonly<Record<string, unknown>>,
): { readonly arrays: readonly ArraySpec[]; readonly values: Variables } {
  const args = [...formula.operations.flatMap((operation) => operation.args), formula.value]
  const arrays = new Set<ArraySpec>()
  const values = new Map<string, OperandSpec>()
  for (const used of args) {
    if (used.kind !== 'variable') continue
    const value = variables[used.name]
    assertOperand(value, `evaluate: variable '${used.name}'`)
    if (isArraySpec(value)) arrays.add(value)
    values.set(used.name, value)
  }
  return { arrays: [...arrays], values }
}

/**
 * Computes the operations that read plain values only, so that `2 * pi * x` multiplies `x` once.
 * Returns undefined for the other operations.
 */
function foldConstants(
  operations: readonly FormulaOperation[],
  variables: Variables,
): (Scalar | undefined)[] {
  const folded: (Scalar | undefined)[] = []
  const plainValue = (a: FormulaArg): Scalar | undefined => {
    if (a.kind === 'number') return a.value
    if (a.kind === 'result') return folded[a.index]
    const value = variables.get(a.name)!
    return isArraySpec(value) ? undefined : value
  }
  for (const { op, args } of operations) {
    const values = args.map(plainValue)
    if (values.some((value) => value === undefined)) {
      folded.push(undefined)
      continue
    }
    const [first, ...rest] = values as Scalar[]
    const dtype = typeof first === 'number' ? 'float64' : resultType(weak(first!))
    const chunk = elementwise(op, NDArray.scalar(dtype, first!), ...rest).finish()
    folded.push(chunk.item())
  }
  return folded
}
