/**
 * Names of the Array API standard for functions that NumPy calls otherwise.
 */
import {
  arccos,
  arccosh,
  arcsin,
  arcsinh,
  arctan,
  arctan2,
  arctanh,
  invert,
  leftShift,
  power,
  rightShift,
} from './elementwise-functions.js'

/** Another name of `arccos`. */
export const acos = arccos
/** Another name of `arccosh`. */
export const acosh = arccosh
/** Another name of `arcsin`. */
export const asin = arcsin
/** Another name of `arcsinh`. */
export const asinh = arcsinh
/** Another name of `arctan`. */
export const atan = arctan
/** Another name of `arctan2`. */
export const atan2 = arctan2
/** Another name of `arctanh`. */
export const atanh = arctanh
/** Another name of `invert`. Array API: `bitwise_invert`. */
export const bitwiseInvert = invert
/** Another name of `leftShift`. Array API: `bitwise_left_shift`. */
export const bitwiseLeftShift = leftShift
/** Another name of `rightShift`. Array API: `bitwise_right_shift`. */
export const bitwiseRightShift = rightShift
/** Another name of `power`. */
export const pow = power
