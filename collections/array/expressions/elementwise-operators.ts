/**
 * The dtypes and the generated code of elementwise operations, by the rules of the operator table.
 */
import {
  type Dtype,
  dtypeInfo,
  fitsDtype,
  isBig,
  isFloat,
  isInteger,
  isWeak,
  resultType,
  type WeakScalar,
} from '../block/dtype.js'
import { emitWrap } from './element-code.js'
import {
  OPERATOR_TABLE,
  type Operator,
  type OperatorCode,
  type OperatorName,
} from './operator-table.js'

function operatorNamed(name: OperatorName): Operator {
  return OPERATOR_TABLE[name]
}

/** Returns the number of arguments of an operation. */
export function arity(name: OperatorName): number {
  return operatorNamed(name).arity
}

/** The dtypes of an operation: argument `i` is converted to `casts[i]`, the result is `dtype`. */
export interface OperatorDtypes {
  readonly casts: readonly Dtype[]
  readonly dtype: Dtype
}

/**
 * Returns the dtypes in which an operation is computed: float64 throughout for
 * `resolveDtypes('divide', ['int32', weak(2)])`. Throws a TypeError when the operation does not
 * exist for such arguments.
 */
export function resolveDtypes(
  name: OperatorName,
  types: readonly (Dtype | WeakScalar)[],
): OperatorDtypes {
  const { family, arity: count } = operatorNamed(name)
  const all = (dtype: Dtype, result = dtype): OperatorDtypes => ({
    casts: new Array<Dtype>(count).fill(dtype),
    dtype: result,
  })
  switch (family) {
    case 'logical':
      return all('bool')
    case 'compare':
      // Integers of 64 bits compare exactly, signed with unsigned ones too.
      if (types.every((type) => !isWeak(type) && isBig(type))) {
        return { casts: types as readonly Dtype[], dtype: 'bool' }
      }
      return all(comparisonDtype(types), 'bool')
    case 'float':
      return all(floatDtype(types))
    case 'quotient': {
      const dtype = resultType(...types)
      return all(isFloat(dtype) ? dtype : 'float64')
    }
    case 'test': {
      const dtype = resultType(...types)
      return all(codeFor(operatorNamed(name), dtype) === undefined ? 'bool' : dtype, 'bool')
    }
    case 'choose': {
      const dtype = resultType(...types.slice(1))
      return { casts: ['bool', dtype, dtype], dtype }
    }
    case 'bits': {
      const dtype = resultType(...types)
      if (dtype !== 'bool' && !isInteger(dtype)) {
        throw new TypeError(
          `${name} works on bool and integers, not ${dtype}; compare first, or use logicalAnd, logicalOr, logicalXor, logicalNot`,
        )
      }
      return all(dtype)
    }
    case 'same': {
      const dtype = resultType(...types)
      if (dtype !== 'bool' || operatorNamed(name).bool !== undefined) return all(dtype)
      const as = operatorNamed(name).boolAs
      if (as === null || as === undefined) {
        throw new TypeError(
          `${name} does not work on bool; use logicalXor or logicalNot, or astype() first`,
        )
      }
      return all(as)
    }
  }
}

/** Returns the dtype in which functions with fractional results are computed. */
function floatDtype(types: readonly (Dtype | WeakScalar)[]): Dtype {
  const dtype = resultType(...types)
  if (isFloat(dtype)) return dtype
  const bytes = types.map((type) => (isWeak(type) ? 1 : dtypeInfo(type).bytes))
  return Math.max(...bytes) === 2 ? 'float32' : 'float64'
}

/** Returns the dtype of a comparison: float64 when a plain integer does not fit the common dtype. */
function comparisonDtype(types: readonly (Dtype | WeakScalar)[]): Dtype {
  const dtype = resultType(...types)
  const tooLarge = types.some(
    (t) => isWeak(t) && t.kind === 'int' && !fitsDtype(t.value as number, dtype),
  )
  return tooLarge ? 'float64' : dtype
}

/** Returns the code of an operation for one dtype, if it has any. */
function codeFor(op: Operator, dtype: Dtype): OperatorCode | undefined {
  if (isFloat(dtype)) return op.float
  if (dtype === 'bool') return op.bool
  return isBig(dtype) ? op.big : op.integer
}

/** Emits the code of one element. The arguments are converted to `casts` already. */
export function emitOperator(
  name: OperatorName,
  casts: readonly Dtype[],
  args: readonly string[],
): string {
  const op = operatorNamed(name)
  const as = casts.at(-1)!
  const code = codeFor(op, as)!(...args)
  const givesBool = op.family === 'compare' || op.family === 'logical' || op.family === 'test'
  return givesBool || as === 'bool' ? code : emitWrap(code, as)
}
