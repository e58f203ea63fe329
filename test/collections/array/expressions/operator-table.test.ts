/** Every elementwise operation for every dtype, against NumPy. */
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import {
  elementwise,
  type LazyChunk,
} from '../../../../collections/array/expressions/lazy-chunk.js'
import {
  OPERATORS,
  type OperatorName,
} from '../../../../collections/array/expressions/operator-table.js'
import {
  chunkOf,
  differences,
  type Encoded,
  elements,
  fixture,
  type Outcome,
} from '../numpy-fixtures.js'

interface Table {
  values: Record<Dtype, Encoded[]>
  unary: { op: string; dtype: Dtype; out: Outcome }[]
  binary: { op: string; a: Dtype; b: Dtype; x: Encoded[]; y: Encoded[]; out: Outcome }[]
}

const table = fixture<Table>('elementwise')

const camel = (op: string) => op.replace(/_(.)/g, (_, c: string) => c.toUpperCase()) as OperatorName

/** The functions whose results do not depend on the C library; others may differ in the last digits. */
const exact = new Set(
  `negative absolute sign square reciprocal sqrt floor ceil trunc rint round isnan isfinite isinf invert
  logicalNot signbit add subtract multiply divide floorDivide remainder minimum maximum fmin fmax copysign
  equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr logicalXor bitwiseAnd bitwiseOr
  bitwiseXor positive fabs spacing isposinf isneginf isreal iscomplex fmod leftShift rightShift nextafter`.split(
    /\s+/,
  ),
)

/** The dtypes that replace those of NumPy that arrays do not have. */
const replacements: Record<string, Dtype> = { float16: 'float64' }

function check(op: OperatorName, out: Outcome, run: () => LazyChunk): void {
  if (out.error !== undefined) {
    expect(run).toThrow(TypeError)
    return
  }
  const result = run().finish()
  expect(result.dtype).toBe(replacements[out.dtype] ?? out.dtype)
  const got = elements(result)
  const zeroSign = op === 'minimum' || op === 'maximum' || op === 'fmin' || op === 'fmax'
  const plain = (v: Encoded) => (zeroSign && v === '-0' ? 0 : v)
  if (op === 'spacing' && out.dtype === 'float16') return
  const values = zeroSign ? got.map((v) => (v === 0 ? 0 : v)) : got
  const isComplex = out.dtype.startsWith('complex') || op === 'absolute'
  // NumPy computes complex64 in single precision.
  const isPower = op === 'power' || op === 'floatPower'
  // The error of a complex power grows with the logarithm that is multiplied.
  const inexact = isComplex && isPower ? 4096 : out.dtype === 'complex64' || op === 'sinc' ? 16 : 4
  const ulps = exact.has(op) && out.dtype !== 'float16' && !isComplex ? 0 : inexact
  const expected = out.values.map(plain)
  const found = differences(values, expected, out.dtype, ulps)
  expect(found.filter((line) => !isBetter(op, line, isComplex))).toEqual([])
}

/**
 * Whether a result is better than that of NumPy, whose formulas are not exact for small numbers and
 * infinities: it follows C99 and the standard of array libraries.
 */
function isBetter(op: OperatorName, line: string, isComplex: boolean): boolean {
  // NumPy multiplies by pi in single precision.
  if (op === 'sinc') return /expected \S*e-\d/.test(line)
  if (!isComplex) return false
  switch (op) {
    case 'expm1':
      return /expected .*NaN/.test(line)
    case 'log1p':
      return /1e-300/.test(line)
    case 'square':
    case 'power':
    case 'floatPower':
      // NumPy itself has several results where a square exceeds the range.
      return /expected .*(NaN|Infinity)/.test(line)
    default:
      return false
  }
}

describe('against NumPy', () => {
  test.each(table.unary)('$op of $dtype', ({ op, dtype, out }) => {
    // What 1 / 0 is in uint32 and uint64 depends on the processor.
    const isUndefined = op === 'reciprocal' && ['uint32', 'uint64'].includes(dtype)
    const from = isUndefined ? 1 : 0
    const expected = isUndefined ? { ...out, values: out.values.slice(1) } : out
    const values = table.values[dtype].slice(from)
    check(camel(op), expected, () => elementwise(camel(op), chunkOf(dtype, values)))
  })

  test.each(table.binary)('$op of $a and $b', ({ op, a, b, x, y, out }) => {
    const left = chunkOf(a, x, [x.length, 1])
    const right = chunkOf(b, y, [1, y.length])
    check(camel(op), out, () => elementwise(camel(op), left, right))
  })

  test('every operator of NumPy but where is in the tables', () => {
    const tested = new Set([...table.unary, ...table.binary].map(({ op }) => camel(op)))
    expect(OPERATORS.filter((op) => !tested.has(op))).toEqual([
      'scaleFloat',
      'mantissa',
      'exponent',
      'fraction',
      'chiSquareTail',
      'fisherTail',
      'roundTens',
      'where',
      'squaredMagnitude',
      'makeComplex',
    ])
  })
})
