/**
 * The exponential function for generated kernels, with an error of less than 1 ulp: powers of 2 from tables, and a polynomial
 * between them. P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic",
 * ACM Transactions on Mathematical Software 15 (1989).
 */

/** Powers `2 ** (j / 128)`, each with the relative error that rounding makes. */
const fractions = new Float64Array(256)
/** Powers `2 ** (e - LEAST)`; 0 until they are needed. */
const powers = new Float64Array(2046)
const LEAST = 1022

const STEPS = 128 / Math.LN2
/** `ln(2) / 128` in two parts, of which the upper has so few digits that its multiples are exact. */
const UPPER = 23816339456 / 2 ** 42
const LOWER = 3.710410186743494e-9
/** Adding and subtracting it rounds to an integer. */
const ROUNDING = 6755399441055744

/** Returns e to the power of a number. */
export function exponential(x: number): number {
  if (!(x < 709 && x > -708) || powers[0] === 0) return exponentialBeyond(x)
  const step = x * STEPS + ROUNDING - ROUNDING
  const r = x - step * UPPER - step * LOWER
  const at = step & 127
  const fraction = fractions[2 * at]!
  const rest = fractions[2 * at + 1]! + r + r * r * (0.5 + r * (1 / 6) + r * r * (1 / 24 + r / 120))
  return (fraction + fraction * rest) * powers[(step >> 7) + LEAST]!
}

function exponentialBeyond(x: number): number {
  if (powers[0] === 0) {
    fillTables()
    return exponential(x)
  }
  return Math.exp(x)
}

function fillTables(): void {
  const scale = 120n
  // The root of 2 of order 128, by seven square roots.
  let root = 2n << scale
  for (let i = 0; i < 7; i++) root = squareRoot(root << scale)
  let power = 1n << scale
  for (let j = 0; j < 128; j++) {
    const rounded = Number(power) / 2 ** 120
    fractions[2 * j] = rounded
    const error = power - (BigInt(rounded * 2 ** 60) << 60n)
    fractions[2 * j + 1] = Number(error) / 2 ** 120 / rounded
    power = (power * root) >> scale
  }
  for (let e = 0; e < powers.length; e++) powers[e] = 2 ** (e - LEAST)
}

/** Returns the square root, rounded down, by Newton's method. */
function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2) + 1)
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
