/** The constants of NumPy and the Array API standard. */

/** The ratio of a circle's circumference to its diameter. */
export const pi = Math.PI
/** The base of natural logarithms. */
export const e = Math.E
/** The Euler-Mascheroni constant. NumPy: `euler_gamma`. */
export const eulerGamma = 0.5772156649015329
/** Positive infinity. */
export const inf = Number.POSITIVE_INFINITY
/** Not a number. */
export const nan = Number.NaN
/** Adds an axis in an index: `x.at(':', da.newaxis)`. It is null. */
export const newaxis = null
