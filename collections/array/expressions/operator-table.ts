/**
 * The table of elementwise operations: the rule for the dtype of the result, and the JavaScript that
 * computes one element. To add an operation, add a row; functions and methods of arrays use its name.
 *
 * A row has code for each representation of an element it supports: `float`, `integer` (the result
 * is wrapped to its dtype), `big` (wrapped to 64 bits), `bool` and `complex`. Where NumPy returns float16
 * (functions of int8, uint8 and bool) this returns float64.
 */
import type { Dtype } from '../block/dtype.js'

/** Emits the code of an operation from the code of its arguments. */
export type OperatorCode = (...args: string[]) => string

/** The parts of a complex number: the names of variables, or the code of results. */
export type ComplexParts = readonly [re: string, im: string]

/**
 * Emits the code of an operation from the names of its arguments: the parts of a complex result, the code
 * of a real one, or the call of a function that writes its result to `complexOut`.
 */
export type ComplexCode = (
  ...args: ComplexParts[]
) => ComplexParts | string | { readonly call: string }

/** The rule by which the dtypes of the arguments decide the dtype of the result. */
type Family =
  /** The common dtype of the arguments. */
  | 'same'
  /** The common dtype of the arguments; float32 if all are integers of at most 16 bits, some of 16; float64 for other integers. */
  | 'float'
  /** The common dtype of the arguments; integers are converted to float64 first. */
  | 'quotient'
  /** float64, or complex128 for complex arguments. */
  | 'double'
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
  /** A complex number of two floats. */
  | 'pair'

/** A row of the table. */
export interface Operator {
  readonly arity: number
  readonly family: Family
  readonly float?: OperatorCode
  /** The code for float32, where it differs from that for float64. */
  readonly float32?: OperatorCode
  readonly integer?: OperatorCode
  readonly big?: OperatorCode
  readonly bool?: OperatorCode
  readonly complex?: ComplexCode
  /** Whether the result for complex arguments is real: of the dtype of their parts. */
  readonly complexGivesReal?: boolean
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
/** Calls a function of complex-functions.ts. */
const complexCall =
  (name: string): ComplexCode =>
  (...args) => ({ call: `${name}(${args.flat().join(', ')}, complexOut)` })
const eachPart =
  (code: OperatorCode): ComplexCode =>
  (...args) => [code(...args.map(([re]) => re)), code(...args.map(([, im]) => im))]
/** NumPy's order of complex numbers: by the real parts, then by the imaginary parts; NaN in either is in no order. */
const complexOrder =
  (symbol: '<' | '>', orEqual: boolean): ComplexCode =>
  ([ar, ai], [br, bi]) =>
    `(${ar} ${symbol} ${br} ? ${ai} === ${ai} && ${bi} === ${bi} : ${ar} === ${br} && ${ai} ${symbol}${orEqual ? '=' : ''} ${bi})`
const isNaNPair = ([re, im]: ComplexParts) => `(${re} !== ${re} || ${im} !== ${im})`
/** The smaller or larger argument; `wins` tells whether the first is chosen for a reason of NaN. */
const complexExtreme =
  (symbol: '<' | '>', wins: (a: ComplexParts, b: ComplexParts) => string): ComplexCode =>
  (a, b) => {
    const first = `(${complexOrder(symbol, true)(a, b)} || ${wins(a, b)})`
    return [`(${first} ? ${a[0]} : ${b[0]})`, `(${first} ? ${a[1]} : ${b[1]})`]
  }
const complexTest =
  (code: OperatorCode, symbol: '&&' | '||'): ComplexCode =>
  ([re, im]) =>
    `(${code(re)} ${symbol} ${code(im)})`
const isNaNCode: OperatorCode = (a) => `(${a} !== ${a})`
const isFiniteCode: OperatorCode = (a) => `(${a} - ${a} === 0)`
const isInfiniteCode: OperatorCode = (a) => `(${a} === Infinity || ${a} === -Infinity)`
const smaller: OperatorCode = (a, b) => `(${a} < ${b} ? ${a} : ${b})`
const larger: OperatorCode = (a, b) => `(${a} > ${b} ? ${a} : ${b})`
const bigSign: OperatorCode = (a) => `(${a} > 0n ? 1n : ${a} < 0n ? -1n : 0n)`
const bigAbs: OperatorCode = (a) => `(${a} < 0n ? -${a} : ${a})`
const and = infix('&&')
const or = infix('||')

/** A function of `Math`, and the function for complex numbers, if there is one. */
const real = (name: string, complex?: string): Operator => ({
  arity: 1,
  family: 'float',
  float: call(`Math.${name}`),
  ...(complex === undefined ? {} : { complex: complexCall(complex) }),
})
const rounding = (float: OperatorCode): Operator => ({
  arity: 1,
  family: 'same',
  float,
  integer: keep,
  big: keep,
  bool: keep,
})
const compare = (symbol: string, bool: OperatorCode, complex: ComplexCode): Operator => ({
  arity: 2,
  complex,
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
  add: arithmetic({
    float: infix('+'),
    integer: infix('+'),
    big: infix('+'),
    bool: or,
    complex: eachPart(infix('+')),
  }),
  subtract: arithmetic({
    float: infix('-'),
    integer: infix('-'),
    big: infix('-'),
    boolAs: null,
    complex: eachPart(infix('-')),
  }),
  multiply: arithmetic({
    float: infix('*'),
    integer: call('Math.imul'),
    big: infix('*'),
    bool: and,
    complex: ([a, b], [c, d]) => [`(${a} * ${c} - ${b} * ${d})`, `(${a} * ${d} + ${b} * ${c})`],
  }),
  divide: {
    arity: 2,
    family: 'quotient',
    float: infix('/'),
    complex: complexCall('complexDivide'),
  },
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
    float: call('realPower'),
    integer: call('integerPower'),
    big: call('bigPower'),
    boolAs: 'int8',
    complex: complexCall('complexPower'),
  }),
  minimum: arithmetic({
    float: call('Math.min'),
    integer: smaller,
    big: smaller,
    bool: and,
    complex: complexExtreme('<', isNaNPair),
  }),
  maximum: arithmetic({
    float: call('Math.max'),
    integer: larger,
    big: larger,
    bool: or,
    complex: complexExtreme('>', isNaNPair),
  }),
  fmin: arithmetic({
    float: (a, b) => `(${a} <= ${b} || ${b} !== ${b} ? ${a} : ${b})`,
    integer: smaller,
    big: smaller,
    bool: and,
    complex: complexExtreme('<', (_, b) => isNaNPair(b)),
  }),
  fmax: arithmetic({
    float: (a, b) => `(${a} >= ${b} || ${b} !== ${b} ? ${a} : ${b})`,
    integer: larger,
    big: larger,
    bool: or,
    complex: complexExtreme('>', (_, b) => isNaNPair(b)),
  }),
  fmod: arithmetic({
    float: infix('%'),
    integer: (a, b) => `(${b} === 0 ? 0 : ${a} % ${b})`,
    big: (a, b) => `(${b} === 0n ? 0n : ${a} % ${b})`,
    boolAs: 'int8',
  }),
  floatPower: {
    arity: 2,
    family: 'double',
    float: call('realPower'),
    complex: complexCall('complexPower'),
  },
  logaddexp: { arity: 2, family: 'float', float: call('logAddExp') },
  logaddexp2: { arity: 2, family: 'float', float: call('logAddExp2') },
  nextafter: {
    arity: 2,
    family: 'float',
    float: call('nextAfter'),
    float32: call('nextAfterSingle'),
  },
  scaleFloat: { arity: 2, family: 'float', float: call('scaleFloat') },
  mantissa: { arity: 1, family: 'float', float: call('floatMantissa') },
  exponent: { arity: 1, family: 'float', float: call('floatExponent') },
  fraction: { arity: 1, family: 'float', float: call('floatFraction') },
  hypot: { arity: 2, family: 'float', float: call('floatHypot') },
  arctan2: { arity: 2, family: 'float', float: call('Math.atan2') },
  copysign: { arity: 2, family: 'float', float: call('copySign') },

  equal: compare('===', infix('==='), ([a, b], [c, d]) => `(${a} === ${c} && ${b} === ${d})`),
  notEqual: compare('!==', infix('!=='), ([a, b], [c, d]) => `(${a} !== ${c} || ${b} !== ${d})`),
  less: compare('<', (a, b) => `(!${a} && ${b})`, complexOrder('<', false)),
  lessEqual: compare('<=', (a, b) => `(!${a} || ${b})`, complexOrder('<', true)),
  greater: compare('>', (a, b) => `(${a} && !${b})`, complexOrder('>', false)),
  greaterEqual: compare('>=', (a, b) => `(${a} || !${b})`, complexOrder('>', true)),

  logicalAnd: { arity: 2, family: 'logical', bool: and },
  logicalOr: { arity: 2, family: 'logical', bool: or },
  logicalXor: { arity: 2, family: 'logical', bool: infix('!==') },
  logicalNot: { arity: 1, family: 'logical', bool: (a) => `(!${a})` },
  bitwiseAnd: bits('&', and),
  bitwiseOr: bits('|', or),
  bitwiseXor: bits('^', infix('!==')),
  leftShift: {
    arity: 2,
    family: 'bits',
    integer: (a, b) => `(${b} >= 0 && ${b} < 32 ? ${a} << ${b} : 0)`,
    big: (a, b) => `(${b} >= 0n && ${b} < 64n ? ${a} << ${b} : 0n)`,
    boolAs: 'int8',
  },
  rightShift: {
    arity: 2,
    family: 'bits',
    integer: call('integerRightShift'),
    big: call('bigRightShift'),
    boolAs: 'int8',
  },
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
    complex: eachPart((a) => `(-${a})`),
  },
  absolute: {
    arity: 1,
    family: 'same',
    float: call('Math.abs'),
    integer: call('Math.abs'),
    big: bigAbs,
    bool: keep,
    complex: ([re, im]) => `floatHypot(${re}, ${im})`,
    complexGivesReal: true,
  },
  sign: {
    arity: 1,
    family: 'same',
    float: (a) => `(${a} > 0 ? 1 : ${a} < 0 ? -1 : ${a} === 0 ? 0 : NaN)`,
    integer: call('Math.sign'),
    big: bigSign,
    boolAs: null,
    complex: complexCall('complexSign'),
  },
  square: {
    arity: 1,
    family: 'same',
    float: (a) => `(${a} * ${a})`,
    integer: (a) => `Math.imul(${a}, ${a})`,
    big: (a) => `(${a} * ${a})`,
    boolAs: 'int8',
    complex: ([a, b]) => [`((${a} - ${b}) * (${a} + ${b}))`, `(${a} * ${b} + ${b} * ${a})`],
  },
  reciprocal: {
    arity: 1,
    family: 'same',
    float: (a) => `(1 / ${a})`,
    integer: (a) => `floatToInt32(1 / ${a})`,
    big: (a) => `floatToBig(1 / Number(${a}))`,
    boolAs: 'int8',
    complex: complexCall('complexReciprocal'),
  },
  positive: {
    arity: 1,
    family: 'same',
    float: keep,
    integer: keep,
    big: keep,
    boolAs: null,
    complex: (a) => a,
  },
  fabs: { arity: 1, family: 'float', float: call('Math.abs') },
  spacing: {
    arity: 1,
    family: 'float',
    float: call('floatSpacing'),
    float32: call('singleSpacing'),
  },
  sinc: {
    arity: 1,
    family: 'quotient',
    float: call('floatSinc'),
    complex: complexCall('complexSinc'),
  },
  i0: { arity: 1, family: 'quotient', float: call('besselI0') },
  chiSquareTail: { arity: 2, family: 'double', float: call('chiSquareTail') },
  fisherTail: { arity: 3, family: 'double', float: call('fisherTail') },
  sqrt: real('sqrt', 'complexSqrt'),
  cbrt: real('cbrt'),
  exp: { ...real('exp', 'complexExp'), float: call('exponential') },
  exp2: {
    arity: 1,
    family: 'float',
    float: (a) => `(2 ** ${a})`,
    complex: complexCall('complexExp2'),
  },
  expm1: real('expm1', 'complexExpm1'),
  log: real('log', 'complexLog'),
  log2: real('log2', 'complexLog2'),
  log10: real('log10', 'complexLog10'),
  log1p: real('log1p', 'complexLog1p'),
  sin: real('sin', 'complexSin'),
  cos: real('cos', 'complexCos'),
  tan: real('tan', 'complexTan'),
  arcsin: real('asin', 'complexArcsin'),
  arccos: real('acos', 'complexArccos'),
  arctan: real('atan', 'complexArctan'),
  sinh: real('sinh', 'complexSinh'),
  cosh: real('cosh', 'complexCosh'),
  tanh: real('tanh', 'complexTanh'),
  arcsinh: real('asinh', 'complexArcsinh'),
  arccosh: real('acosh', 'complexArccosh'),
  arctanh: real('atanh', 'complexArctanh'),
  deg2rad: { arity: 1, family: 'float', float: (a) => `(${a} * ${Math.PI / 180})` },
  rad2deg: { arity: 1, family: 'float', float: (a) => `(${a} * ${180 / Math.PI})` },
  floor: rounding(call('Math.floor')),
  ceil: rounding(call('Math.ceil')),
  trunc: rounding(call('Math.trunc')),
  round: { ...rounding(call('roundHalfEven')), complex: eachPart(call('roundHalfEven')) },
  roundTens: arithmetic({
    float: call('roundTens'),
    integer: call('roundTens'),
    big: call('bigRoundTens'),
  }),
  rint: {
    arity: 1,
    family: 'float',
    float: call('roundHalfEven'),
    complex: eachPart(call('roundHalfEven')),
  },
  isnan: {
    arity: 1,
    family: 'test',
    float: isNaNCode,
    bool: () => 'false',
    complex: complexTest(isNaNCode, '||'),
  },
  isfinite: {
    arity: 1,
    family: 'test',
    float: isFiniteCode,
    bool: () => 'true',
    complex: complexTest(isFiniteCode, '&&'),
  },
  isinf: {
    arity: 1,
    family: 'test',
    float: isInfiniteCode,
    bool: () => 'false',
    complex: complexTest(isInfiniteCode, '||'),
  },
  isposinf: {
    arity: 1,
    family: 'test',
    float: (a) => `(${a} === Infinity)`,
    bool: () => 'false',
  },
  isneginf: {
    arity: 1,
    family: 'test',
    float: (a) => `(${a} === -Infinity)`,
    bool: () => 'false',
  },
  isreal: {
    arity: 1,
    family: 'test',
    float: () => 'true',
    bool: () => 'true',
    complex: ([, im]) => `(${im} === 0)`,
  },
  iscomplex: {
    arity: 1,
    family: 'test',
    float: () => 'false',
    bool: () => 'false',
    complex: ([, im]) => `(${im} !== 0)`,
  },
  signbit: {
    arity: 1,
    family: 'test',
    float: call('hasSign'),
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
    complex: ([c], [ar, ai], [br, bi]) => [`(${c} ? ${ar} : ${br})`, `(${c} ? ${ai} : ${bi})`],
  },

  conjugate: {
    arity: 1,
    family: 'same',
    float: keep,
    integer: keep,
    big: keep,
    boolAs: 'int8',
    complex: ([re, im]) => [re, `(-${im})`],
  },
  real: { ...rounding(keep), complex: ([re]) => re, complexGivesReal: true },
  imag: {
    arity: 1,
    family: 'same',
    float: () => '0',
    integer: () => '0',
    big: () => '0n',
    bool: () => 'false',
    complex: ([, im]) => im,
    complexGivesReal: true,
  },
  angle: {
    arity: 1,
    family: 'float',
    float: (a) => `Math.atan2(0, ${a})`,
    complex: ([re, im]) => `Math.atan2(${im}, ${re})`,
    complexGivesReal: true,
  },
  squaredMagnitude: {
    arity: 1,
    family: 'same',
    float: (a) => `(${a} * ${a})`,
    complex: ([re, im]) => `(${re} * ${re} + ${im} * ${im})`,
    complexGivesReal: true,
  },
  makeComplex: { arity: 2, family: 'pair', complex: ([re], [im]) => [re, im] },
} as const satisfies Record<string, Operator>

/** The name of an elementwise operation: NumPy's, in camel case. */
export type OperatorName = keyof typeof OPERATOR_TABLE

/** The names of all elementwise operations. */
export const OPERATORS = Object.keys(OPERATOR_TABLE) as readonly OperatorName[]
