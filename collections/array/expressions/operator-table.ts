/**
 * The table of elementwise operations: the rule for the dtype of the result, and the JavaScript that
 * computes one element. To add an operation, add a row; functions and methods of arrays use its name.
 *
 * A row has code for each representation of an element it supports: `float`, `integer` (the result
 * is wrapped to its dtype), `big` (wrapped to 64 bits) and `bool`. Where NumPy returns float16
 * (functions of int8, uint8 and bool) this returns float64.
 */
import type { Dtype } from '../block/dtype.js'

/** Emits the code of an operation from the code of its arguments. */
export type OperatorCode = (...args: string[]) => string

/** The rule by which the dtypes of the arguments decide the dtype of the result. */
type Family =
  /** The common dtype of the arguments. */
  | 'same'
  /** The common dtype of the arguments; float32 if all are integers of at most 16 bits, some of 16; float64 for other integers. */
  | 'float'
  /** The common dtype of the arguments; integers are converted to float64 first. */
  | 'quotient'
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

/** A row of the table. */
export interface Operator {
  readonly arity: number
  readonly family: Family
  readonly float?: OperatorCode
  readonly integer?: OperatorCode
  readonly big?: OperatorCode
  readonly bool?: OperatorCode
  /** The dtype in which bools are computed when there is no `bool` code; null when bools are an error. */
  readonly boolAs?: Dtype | null
}

const call =
  (name: string): OperatorCode =>
  (...args) =>
    `${name}(${args.join(', ')})`
const infix =
  (symbol: string): OperatorCode =>
  (a, b) =>
    `(${a} ${symbol} ${b})`
const keep: OperatorCode = (a) => a!
const smaller: OperatorCode = (a, b) => `(${a} < ${b} ? ${a} : ${b})`
const larger: OperatorCode = (a, b) => `(${a} > ${b} ? ${a} : ${b})`
const bigSign: OperatorCode = (a) => `(${a} > 0n ? 1n : ${a} < 0n ? -1n : 0n)`
const bigAbs: OperatorCode = (a) => `(${a} < 0n ? -${a} : ${a})`
const and = infix('&&')
const or = infix('||')

const real = (name: string): Operator => ({
  arity: 1,
  family: 'float',
  float: call(`Math.${name}`),
})
const rounding = (float: OperatorCode): Operator => ({
  arity: 1,
  family: 'same',
  float,
  integer: keep,
  big: keep,
  bool: keep,
})
const compare = (symbol: string, bool: OperatorCode): Operator => ({
  arity: 2,
  family: 'compare',
  float: infix(symbol),
  integer: infix(symbol),
  big: infix(symbol),
  bool,
})
const bits = (symbol: string, bool: OperatorCode): Operator => ({
  arity: 2,
  family: 'bits',
  integer: infix(symbol),
  big: infix(symbol),
  bool,
})
const arithmetic = (code: Partial<Operator>): Operator => ({ arity: 2, family: 'same', ...code })

/** The elementwise operations, by NumPy's names in camel case. */
export const OPERATOR_TABLE = {
  add: arithmetic({ float: infix('+'), integer: infix('+'), big: infix('+'), bool: or }),
  subtract: arithmetic({ float: infix('-'), integer: infix('-'), big: infix('-'), boolAs: null }),
  multiply: arithmetic({
    float: infix('*'),
    integer: call('Math.imul'),
    big: infix('*'),
    bool: and,
  }),
  divide: { arity: 2, family: 'quotient', float: infix('/') },
  floorDivide: arithmetic({
    float: call('floatFloorDivide'),
    integer: (a, b) => `(${b} === 0 ? 0 : Math.floor(${a} / ${b}))`,
    big: call('bigFloorDivide'),
    boolAs: 'int8',
  }),
  remainder: arithmetic({
    float: call('floatMod'),
    integer: call('integerMod'),
    big: call('bigMod'),
    boolAs: 'int8',
  }),
  power: arithmetic({
    float: call('floatPower'),
    integer: call('integerPower'),
    big: call('bigPower'),
    boolAs: 'int8',
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
    boolAs: 'int8',
  },
  reciprocal: {
    arity: 1,
    family: 'same',
    float: (a) => `(1 / ${a})`,
    integer: (a) => `floatToInt32(1 / ${a})`,
    big: (a) => `floatToBig(1 / Number(${a}))`,
    boolAs: 'int8',
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
export type OperatorName = keyof typeof OPERATOR_TABLE

/** The names of all elementwise operations. */
export const OPERATORS = Object.keys(OPERATOR_TABLE) as readonly OperatorName[]
