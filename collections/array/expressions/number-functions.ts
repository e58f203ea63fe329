/**
 * Functions of single numbers that generated kernels call, where JavaScript has no operator with
 * NumPy's result. Generated code refers to them by their exported names.
 *
 * Each is small, pure and always called with the same kind of number, so that V8 inlines it.
 */

/** Rounds to the nearest integer, halves to the even one; keeps the sign of zero. NumPy: `rint`. */
export function roundHalfEven(x: number): number {
  const magnitude = Math.abs(x)
  if (!(magnitude < 4503599627370496)) return x
  const rounded = magnitude + 4503599627370496 - 4503599627370496
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}

/** Returns the remainder with the sign of the divisor, as Python's `%`. */
export function floatMod(a: number, b: number): number {
  const m = a % b
  if (m !== 0) return m < 0 !== b < 0 ? m + b : m
  return b < 0 || Object.is(b, -0) ? -0 : 0
}

/** Returns the quotient rounded down, as Python's `//`. */
export function floatFloorDivide(a: number, b: number): number {
  if (b === 0) return a / b
  let m = a % b
  let quotient = (a - m) / b
  if (m !== 0) {
    if (m < 0 !== b < 0) quotient -= 1
  } else m = 0
  if (quotient === 0) return copySign(0, a / b)
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

/** Returns the magnitude of the first argument with the sign of the second. */
export function copySign(magnitude: number, sign: number): number {
  return hasSign(sign) ? -Math.abs(magnitude) : Math.abs(magnitude)
}

/** One float, and its bits. */
const floatBits = new Float64Array(1)
const floatInteger = new BigInt64Array(floatBits.buffer)

/** Returns whether the sign bit is set: for negative numbers, -0, and NaN with that bit. */
export function hasSign(x: number): boolean {
  if (x < 0) return true
  if (x > 0) return false
  floatBits[0] = x
  return floatInteger[0]! < 0n
}

/** Returns `a ** b` as C does: JavaScript returns NaN for `1 ** NaN` and `(-1) ** Infinity`. */
export function realPower(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1
  return a ** b
}

/** Returns `sqrt(a ** 2 + b ** 2)`; the squares do not overflow. NumPy: `hypot`. */
export function floatHypot(a: number, b: number): number {
  const x = Math.abs(a)
  const y = Math.abs(b)
  if (x === Infinity || y === Infinity) return Infinity
  const big = Math.max(x, y)
  if (big > 1e-140 && big < 1e150) return Math.sqrt(x * x + y * y)
  if (!(big > 0)) return big
  const r = Math.min(x, y) / big
  return big * Math.sqrt(1 + r * r)
}

/** Returns the remainder of integers of up to 32 bits with the sign of the divisor; 0 when the divisor is 0. */
export function integerMod(a: number, b: number): number {
  if (b === 0) return 0
  const m = a % b
  return m !== 0 && m < 0 !== b < 0 ? m + b : m
}

/** Returns `base ** exponent` modulo 2**32. Throws for a negative exponent. */
export function integerPower(base: number, exponent: number): number {
  if (exponent < 0) throw negativePowerError(exponent)
  let result = 1
  let square = base
  for (let e = exponent; e > 0; e >>>= 1) {
    if (e & 1) result = Math.imul(result, square)
    square = Math.imul(square, square)
  }
  return result
}

/** Shifts an integer of up to 32 bits to the right; all bits leave it if the distance is negative or too long. */
export function integerRightShift(a: number, distance: number): number {
  if (distance >= 0 && distance < 32) return a >= 0 ? a >>> distance : a >> distance
  return a < 0 ? -1 : 0
}

/** Shifts a bigint to the right; all bits leave it if the distance is negative or too long. */
export function bigRightShift(a: bigint, distance: bigint): bigint {
  if (distance >= 0n && distance < 64n) return a >> distance
  return a < 0n ? -1n : 0n
}

/** Returns `log(exp(a) + exp(b))`, without overflow of the powers. */
export function logAddExp(a: number, b: number): number {
  if (a === b) return a + Math.LN2
  const difference = a - b
  if (difference > 0) return a + Math.log1p(Math.exp(-difference))
  return difference <= 0 ? b + Math.log1p(Math.exp(difference)) : difference
}

/** Returns `log2(2 ** a + 2 ** b)`, without overflow of the powers. */
export function logAddExp2(a: number, b: number): number {
  if (a === b) return a + 1
  const difference = a - b
  if (difference > 0) return a + Math.log1p(2 ** -difference) * Math.LOG2E
  return difference <= 0 ? b + Math.log1p(2 ** difference) * Math.LOG2E : difference
}

const singleBits = new Float32Array(1)
const singleInteger = new Int32Array(singleBits.buffer)

/** Returns the float64 that follows `from` in the direction of `to`. */
export function nextAfter(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return NaN
  if (from === to) return to
  if (from === 0) return to > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  floatBits[0] = from
  floatInteger[0]! += from < to === from > 0 ? 1n : -1n
  return floatBits[0]!
}

/** Returns the float32 that follows `from` in the direction of `to`. */
export function nextAfterSingle(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return NaN
  if (from === to) return to
  if (from === 0) return to > 0 ? 2 ** -149 : -(2 ** -149)
  singleBits[0] = from
  singleInteger[0]! += from < to === from > 0 ? 1 : -1
  return singleBits[0]!
}

/** Returns the distance to the next float64 away from zero, with the sign of `x`. */
export function floatSpacing(x: number): number {
  if (x - x !== 0) return NaN
  return nextAfter(x, x < 0 ? -Infinity : Infinity) - x
}

/** Returns the distance to the next float32 away from zero, with the sign of `x`. */
export function singleSpacing(x: number): number {
  if (x - x !== 0) return NaN
  return nextAfterSingle(x, x < 0 ? -Infinity : Infinity) - x
}

/** Returns `sin(pi * x) / (pi * x)`, 1 for 0. */
export function floatSinc(x: number): number {
  const angle = Math.PI * (x === 0 ? 1e-20 : x)
  return Math.sin(angle) / angle
}

/**
 * Returns the modified Bessel function of the first kind and order 0: by its power series, whose terms are
 * all positive, and for large numbers by its asymptotic series (Abramowitz and Stegun, 9.6.12 and 9.7.1).
 */
export function besselI0(x: number): number {
  const size = Math.abs(x)
  if (size > 40) {
    let [sum, term] = [1, 1]
    for (let k = 1; k < 30; k++) {
      term *= ((2 * k - 1) * (2 * k - 1)) / (8 * size * k)
      sum += term
      if (term < 1e-17 * sum) break
    }
    const half = Math.exp(size / 2)
    return (half / Math.sqrt(2 * Math.PI * size)) * sum * half
  }
  const quarter = (size * size) / 4
  let [sum, term] = [1, 1]
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k)
    sum += term
  }
  return size - size === 0 ? sum : size
}

/** Returns the quotient of bigints rounded down; 0 when the divisor is 0. */
export function bigFloorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

/** Returns the remainder of bigints with the sign of the divisor; 0 when the divisor is 0. */
export function bigMod(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n
  const m = a % b
  return m !== 0n && m < 0n !== b < 0n ? m + b : m
}

/** Returns `base ** exponent` modulo 2**64. Throws for a negative exponent. */
export function bigPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw negativePowerError(exponent)
  let result = 1n
  let square = base
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = BigInt.asIntN(64, result * square)
    square = BigInt.asIntN(64, square * square)
  }
  return result
}

/** Rounds to a multiple of `10 ** digits`, halves to the even multiple; exact for 32 bits. */
export function roundTens(x: number, digits: number): number {
  const unit = 10 ** digits
  return unit === Infinity ? 0 : roundHalfEven(x / unit) * unit
}

/** Rounds a bigint to a multiple of `10 ** digits`, halves to the even multiple. */
export function bigRoundTens(x: bigint, digits: bigint): bigint {
  // Half of such a unit is larger than any int64.
  if (digits > 19n) return 0n
  const unit = 10n ** digits
  const low = bigFloorDivide(x, unit)
  const twice = 2n * (x - low * unit)
  const up = twice > unit || (twice === unit && low % 2n !== 0n)
  return (up ? low + 1n : low) * unit
}

/** Makes the error for an integer raised to a negative power. */
export function negativePowerError(exponent: number | bigint | string): RangeError {
  return new RangeError(
    `power: an integer to a negative integer power (${exponent}) is not an integer; use astype('float64') first`,
  )
}

/** Converts a float to int64, rounding toward 0. Values out of range become -(2 ** 63), as on x86. */
export function floatToBig(x: number): bigint {
  return x >= -TWO_63 && x < TWO_63 ? BigInt(Math.trunc(x)) : SMALLEST
}

/**
 * Converts a float to uint64, rounding toward 0. As on x86, negative numbers wrap, and values out of range
 * become 2 ** 63 (NaN and negative ones) or 0.
 */
export function floatToUnsignedBig(x: number): bigint {
  if (!(x >= TWO_63)) return BigInt.asUintN(64, floatToBig(x))
  return x < 2 * TWO_63 ? BigInt(Math.trunc(x)) : 0n
}

const TWO_63 = 2 ** 63
const SMALLEST = -(2n ** 63n)

/** Converts a float to int32, rounding toward 0. Values out of range become -(2 ** 31), as on x86. */
export function floatToInt32(x: number): number {
  return x > -2147483649 && x < 2147483648 ? x | 0 : -2147483648
}

/** Returns `x * 2 ** n`, rounded once. */
export function scaleFloat(x: number, n: number): number {
  if (x === 0 || x - x !== 0) return x
  let value = x
  let exponent = Math.max(-2200, Math.min(2200, n))
  while (exponent > 1023) {
    value *= 2 ** 1023
    exponent -= 1023
  }
  // Keeps 53 bits above the least normal number, so that only the last product is rounded.
  while (exponent < -1022) {
    value *= 2 ** -969
    exponent += 969
  }
  return value * 2 ** exponent
}

/** Returns the exponent of `x = m * 2 ** exponent` with `m` from 0.5 to 1; 0 for 0, NaN and infinities. */
export function floatExponent(x: number): number {
  if (x === 0 || x - x !== 0) return 0
  const near = Math.floor(Math.log2(Math.abs(x))) + 1
  const mantissa = Math.abs(scaleFloat(x, -near))
  if (mantissa >= 1) return near + 1
  return mantissa < 0.5 ? near - 1 : near
}

/** Returns the `m` of `x = m * 2 ** exponent`, from 0.5 to 1; 0, NaN and infinities as they are. */
export function floatMantissa(x: number): number {
  return scaleFloat(x, -floatExponent(x))
}

/** Returns the part after the decimal point, with the sign of `x`; 0 for infinities. */
export function floatFraction(x: number): number {
  if (x === Infinity) return 0
  return x === -Infinity ? -0 : x % 1
}
