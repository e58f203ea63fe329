/**
 * The dtypes and the generated code of elementwise operations, by the rules of the operator table.
 */
import {
  type Dtype,
  dtypeInfo,
  fitsDtype,
  isBig,
  isComplex,
  isFloat,
  isInteger,
  isWeak,
  realDtype,
  resultType,
  type WeakScalar,
} from '../block/dtype.js'
import { emitWrap, realCode, type ValueCode } from './element-code.js'
import {
  type ComplexCode,
  type ComplexParts,
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
  const known = lastResolved.get(name)
  if (known !== undefined && areSameTypes(known.types, types)) return known.dtypes
  const dtypes = dtypesOf(name, types)
  lastResolved.set(name, { types, dtypes })
  return dtypes
}

/** The last call for each operation. The blocks of an array repeat it. */
const lastResolved = new Map<
  OperatorName,
  { readonly types: readonly (Dtype | WeakScalar)[]; readonly dtypes: OperatorDtypes }
>()

function areSameTypes(
  a: readonly (Dtype | WeakScalar)[],
  b: readonly (Dtype | WeakScalar)[],
): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i]!, b[i]!]
    if (one === other) continue
    if (!isWeak(one) || !isWeak(other)) return false
    if (one.kind !== other.kind || !Object.is(one.value, other.value)) return false
  }
  return true
}

function dtypesOf(name: OperatorName, types: readonly (Dtype | WeakScalar)[]): OperatorDtypes {
  const { family, arity: count, complex, complexGivesReal = false } = operatorNamed(name)
  const all = (dtype: Dtype, result = dtype): OperatorDtypes => ({
    casts: new Array<Dtype>(count).fill(dtype),
    dtype: complexGivesReal ? realDtype(result) : result,
  })
  if (complex === undefined && family !== 'logical' && family !== 'bits') {
    if (types.some((type) => (isWeak(type) ? type.kind === 'complex' : isComplex(type)))) {
      throw new TypeError(
        `${name} does not work on complex numbers; use real(), imag(), absolute() or angle() first`,
      )
    }
  }
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
      return all(isFloat(dtype) || isComplex(dtype) ? dtype : 'float64')
    }
    case 'pair': {
      const dtype = resultType(...types)
      const isSingle = dtype === 'float32'
      const part = isSingle ? 'float32' : 'float64'
      return { casts: [part, part], dtype: isSingle ? 'complex64' : 'complex128' }
    }
    case 'test': {
      const dtype = resultType(...types)
      return all(codeFor(operatorNamed(name), dtype) === undefined ? 'bool' : dtype, 'bool')
    }
    case 'choose': {
      const dtype = resultType(...types.slice(1))
      return { casts: ['bool', dtype, dtype], dtype }
    }
    case 'double':
      return all(isComplex(resultType(...types)) ? 'complex128' : 'float64')
    case 'bits': {
      const dtype = resultType(...types)
      if (dtype !== 'bool' && !isInteger(dtype)) {
        throw new TypeError(
          `${name} works on bool and integers, not ${dtype}; compare first, or use logicalAnd, logicalOr, logicalXor, logicalNot`,
        )
      }
      const { bool, boolAs } = operatorNamed(name)
      return all(dtype === 'bool' && bool === undefined ? boolAs! : dtype)
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
  if (isFloat(dtype) || isComplex(dtype)) return dtype
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
function codeFor(op: Operator, dtype: Dtype): OperatorCode | ComplexCode | undefined {
  if (isComplex(dtype)) return op.complex
  if (isFloat(dtype)) return dtype === 'float32' ? (op.float32 ?? op.float) : op.float
  if (dtype === 'bool') return op.bool
  return isBig(dtype) ? op.big : op.integer
}

/** The code of an operation: statements, and the result. */
export interface EmittedOperation {
  readonly lines: string
  readonly result: ValueCode
}

/** Emits the code of one element. The arguments are names of values that are converted to `casts` already. */
export function emitOperator(
  name: OperatorName,
  casts: readonly Dtype[],
  args: readonly ValueCode[],
): EmittedOperation {
  const op = operatorNamed(name)
  const as = casts.at(-1)!
  const givesBool = op.family === 'compare' || op.family === 'logical' || op.family === 'test'
  const wrap = (code: string) => (givesBool || as === 'bool' ? code : emitWrap(code, as))
  if (!isComplex(as) && op.family !== 'pair') {
    const code = (codeFor(op, as) as OperatorCode)(...args.map(({ re }) => re))
    return { lines: '', result: realCode(wrap(code)) }
  }
  const emitted = op.complex!(...args.map(({ re, im }): ComplexParts => [re, im]))
  if (typeof emitted === 'string') return { lines: '', result: realCode(wrap(emitted)) }
  if ('call' in emitted) {
    const result = { re: wrap('complexOut[0]'), im: wrap('complexOut[1]') }
    return { lines: `${emitted.call};\n`, result }
  }
  return { lines: '', result: { re: wrap(emitted[0]), im: wrap(emitted[1]) } }
}
