/**
 * The table of elementwise operations: the dtype of each result, and the JavaScript that computes
 * one element. To add an operation, add a row; functions and methods of arrays use its name.
 *
 * A row has code for each representation of an element it supports: `float`, `integer` (the result
 * is wrapped to int32 or uint8), `big` (wrapped to 64 bits) and `bool`. Where NumPy returns float16
 * (functions of uint8 and bool) this returns float64, and for int8 (arithmetic of bools), uint8.
 */
import {
  type Dtype,
  fitsDtype,
  isFloat,
  isInteger,
  isWeak,
  resultType,
  type WeakScalar,
} from '../block/dtype.js'
import { emitWrap } from './element-code.js'

/** Emits the code of an operation from the code of its arguments. */
type Code = (...args: string[]) => string

/** The rule by which the dtypes of the arguments decide the dtype of the result. */
type Family =
  /** The common dtype of the arguments. */
  | 'same'
  /** The common dtype of the arguments; integers are converted to float64 first. */
  | 'float'
  /** bool; the arguments are compared in their common dtype. */
  | 'compare'
  /** bool; every argument is converted to bool. */
  | 'logical'
  /** The common dtype of the arguments, which must be bool or an integer. */
  | 'bits'
  /** bool; dtypes without code of their own are converted to bool first. */
  | 'test'
  /** A bool condition, then two arguments of family `same`. */
  | 'choose'

interface Operator {
  readonly arity: number
  readonly family: Family
  readonly float?: Code
  readonly integer?: Code
  readonly big?: Code
  readonly bool?: Code
  /** The dtype in which bools are computed when there is no `bool` code; null when bools are an error. */
  readonly boolAs?: Dtype | null
}

const call =
  (name: string): Code =>
  (...args) =>
    `${name}(${args.join(', ')})`
const infix =
  (symbol: string): Code =>
  (a, b) =>
    `(${a} ${symbol} ${b})`
const keep: Code = (a) => a!
const smaller: Code = (a, b) => `(${a} < ${b} ? ${a} : ${b})`
const larger: Code = (a, b) => `(${a} > ${b} ? ${a} : ${b})`
const bigSign: Code = (a) => `(${a} > 0n ? 1n : ${a} < 0n ? -1n : 0n)`
const bigAbs: Code = (a) => `(${a} < 0n ? -${a} : ${a})`
const and = infix('&&')
const or = infix('||')

const real = (name: string): Operator => ({
  arity: 1,
  family: 'float',
  float: call(`Math.${name}`),
})
const rounding = (float: Code): Operator => ({
  arity: 1,
  family: 'same',
  float,
  integer: keep,
  big: keep,
  bool: keep,
})
const compare = (symbol: string, bool: Code): Operator => ({
  arity: 2,
  family: 'compare',
  float: infix(symbol),
  integer: infix(symbol),
  big: infix(symbol),
  bool,
})
const bits = (symbol: string, bool: Code): Operator => ({
  arity: 2,
  family: 'bits',
  integer: infix(symbol),
  big: infix(symbol),
  bool,
})
const arithmetic = (code: Partial<Operator>): Operator => ({ arity: 2, family: 'same', ...code })

const table = {
  add: arithmetic({ float: infix('+'), integer: infix('+'), big: infix('+'), bool: or }),
  subtract: arithmetic({ float: infix('-'), integer: infix('-'), big: infix('-'), boolAs: null }),
  multiply: arithmetic({
    float: infix('*'),
    integer: call('Math.imul'),
    big: infix('*'),
    bool: and,
  }),
  divide: { arity: 2, family: 'float', float: infix('/') },
  floorDivide: arithmetic({
    float: call('floatFloorDivide'),
    integer: (a, b) => `(${b} === 0 ? 0 : Math.floor(${a} / ${b}))`,
    big: call('bigFloorDivide'),
    boolAs: 'uint8',
  }),
  remainder: arithmetic({
    float: call('floatMod'),
    integer: call('integerMod'),
    big: call('bigMod'),
    boolAs: 'uint8',
  }),
  power: arithmetic({
    float: call('floatPower'),
    integer: call('integerPower'),
    big: call('bigPower'),
    boolAs: 'uint8',
  }),
  minimum: arithmetic({ float: call('Math.min'), integer: smaller, big: smaller, bool: and }),
  maximum: arithmetic({ float: call('Math.max'), integer: larger, big: larger, bool: or }),
  fmin: arithmetic({
    float: (a, b) => `(${a} <= ${b} || ${b} !== ${b} ? ${a} : ${b})`,
    integer: smaller,
    big: smaller,
    bool: and,
  }),
  fmax: arithmetic({
    float: (a, b) => `(${a} >= ${b} || ${b} !== ${b} ? ${a} : ${b})`,
    integer: larger,
    big: larger,
    bool: or,
  }),
  hypot: { arity: 2, family: 'float', float: call('floatHypot') },
  arctan2: { arity: 2, family: 'float', float: call('Math.atan2') },
  copysign: { arity: 2, family: 'float', float: call('copySign') },

  equal: compare('===', infix('===')),
  notEqual: compare('!==', infix('!==')),
  less: compare('<', (a, b) => `(!${a} && ${b})`),
  lessEqual: compare('<=', (a, b) => `(!${a} || ${b})`),
  greater: compare('>', (a, b) => `(${a} && !${b})`),
  greaterEqual: compare('>=', (a, b) => `(${a} || !${b})`),

  logicalAnd: { arity: 2, family: 'logical', bool: and },
  logicalOr: { arity: 2, family: 'logical', bool: or },
  logicalXor: { arity: 2, family: 'logical', bool: infix('!==') },
  logicalNot: { arity: 1, family: 'logical', bool: (a) => `(!${a})` },
  bitwiseAnd: bits('&', and),
  bitwiseOr: bits('|', or),
  bitwiseXor: bits('^', infix('!==')),
  invert: {
    arity: 1,
    family: 'bits',
    integer: (a) => `(~${a})`,
    big: (a) => `(~${a})`,
    bool: (a) => `(!${a})`,
  },

  negative: {
    arity: 1,
    family: 'same',
    float: (a) => `(-${a})`,
    integer: (a) => `(-${a})`,
    big: (a) => `(-${a})`,
    boolAs: null,
  },
  absolute: {
    arity: 1,
    family: 'same',
    float: call('Math.abs'),
    integer: call('Math.abs'),
    big: bigAbs,
    bool: keep,
  },
  sign: {
    arity: 1,
    family: 'same',
    float: (a) => `(${a} > 0 ? 1 : ${a} < 0 ? -1 : ${a} === 0 ? 0 : NaN)`,
    integer: call('Math.sign'),
    big: bigSign,
    boolAs: null,
  },
  square: {
    arity: 1,
    family: 'same',
    float: (a) => `(${a} * ${a})`,
    integer: (a) => `Math.imul(${a}, ${a})`,
    big: (a) => `(${a} * ${a})`,
    boolAs: 'uint8',
  },
  reciprocal: {
    arity: 1,
    family: 'same',
    float: (a) => `(1 / ${a})`,
    integer: (a) => `floatToInt32(1 / ${a})`,
    big: (a) => `floatToBig(1 / Number(${a}))`,
    boolAs: 'uint8',
  },
  sqrt: real('sqrt'),
  cbrt: real('cbrt'),
  exp: real('exp'),
  exp2: { arity: 1, family: 'float', float: (a) => `(2 ** ${a})` },
  expm1: real('expm1'),
  log: real('log'),
  log2: real('log2'),
  log10: real('log10'),
  log1p: real('log1p'),
  sin: real('sin'),
  cos: real('cos'),
  tan: real('tan'),
  arcsin: real('asin'),
  arccos: real('acos'),
  arctan: real('atan'),
  sinh: real('sinh'),
  cosh: real('cosh'),
  tanh: real('tanh'),
  arcsinh: real('asinh'),
  arccosh: real('acosh'),
  arctanh: real('atanh'),
  deg2rad: { arity: 1, family: 'float', float: (a) => `(${a} * ${Math.PI / 180})` },
  rad2deg: { arity: 1, family: 'float', float: (a) => `(${a} * ${180 / Math.PI})` },
  floor: rounding(call('Math.floor')),
  ceil: rounding(call('Math.ceil')),
  trunc: rounding(call('Math.trunc')),
  round: rounding(call('roundHalfEven')),
  roundTens: arithmetic({
    float: call('roundTens'),
    integer: call('roundTens'),
    big: call('bigRoundTens'),
  }),
  rint: { arity: 1, family: 'float', float: call('roundHalfEven') },
  isnan: { arity: 1, family: 'test', float: (a) => `(${a} !== ${a})`, bool: () => 'false' },
  isfinite: { arity: 1, family: 'test', float: (a) => `(${a} - ${a} === 0)`, bool: () => 'true' },
  isinf: {
    arity: 1,
    family: 'test',
    float: (a) => `(${a} === Infinity || ${a} === -Infinity)`,
    bool: () => 'false',
  },
  signbit: {
    arity: 1,
    family: 'test',
    float: (a) => `(${a} < 0 || Object.is(${a}, -0))`,
    integer: (a) => `(${a} < 0)`,
    big: (a) => `(${a} < 0n)`,
    bool: () => 'false',
  },
  where: {
    arity: 3,
    family: 'choose',
    float: (c, a, b) => `(${c} ? ${a} : ${b})`,
    integer: (c, a, b) => `(${c} ? ${a} : ${b})`,
    big: (c, a, b) => `(${c} ? ${a} : ${b})`,
    bool: (c, a, b) => `(${c} ? ${a} : ${b})`,
  },
} as const satisfies Record<string, Operator>

/** The name of an elementwise operation: NumPy's, in camel case. */
export type OperatorName = keyof typeof table

/** The names of all elementwise operations. */
export const OPERATORS = Object.keys(table) as readonly OperatorName[]

function operator(name: OperatorName): Operator {
  return table[name]
}

/** Returns the number of arguments of an operation. */
export function arity(name: OperatorName): number {
  return operator(name).arity
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
  const { family, arity: count } = operator(name)
  const all = (dtype: Dtype, result = dtype): OperatorDtypes => ({
    casts: new Array<Dtype>(count).fill(dtype),
    dtype: result,
  })
  switch (family) {
    case 'logical':
      return all('bool')
    case 'compare':
      return all(comparisonDtype(types), 'bool')
    case 'float': {
      const dtype = resultType(...types)
      return all(isFloat(dtype) ? dtype : 'float64')
    }
    case 'test': {
      const dtype = resultType(...types)
      return all(codeFor(operator(name), dtype) === undefined ? 'bool' : dtype, 'bool')
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
      if (dtype !== 'bool' || operator(name).bool !== undefined) return all(dtype)
      const as = operator(name).boolAs
      if (as === null || as === undefined) {
        throw new TypeError(
          `${name} does not work on bool; use logicalXor or logicalNot, or astype() first`,
        )
      }
      return all(as)
    }
  }
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
function codeFor(op: Operator, dtype: Dtype): Code | undefined {
  if (isFloat(dtype)) return op.float
  if (dtype === 'bool') return op.bool
  return dtype === 'int64' ? op.big : op.integer
}

/** Emits the code of one element. The arguments are converted to `casts` already. */
export function emitOperator(
  name: OperatorName,
  casts: readonly Dtype[],
  args: readonly string[],
): string {
  const op = operator(name)
  const as = casts.at(-1)!
  const code = codeFor(op, as)!(...args)
  const givesBool = op.family === 'compare' || op.family === 'logical' || op.family === 'test'
  return givesBool || as === 'bool' ? code : emitWrap(code, as)
}
