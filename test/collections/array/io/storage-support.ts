/** Helpers of the tests of files: fixtures, the arrays in them, and checks in Python. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { runPython } from '../../../support/python.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Makes a folder that is removed after the tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'skein-files-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the files of a fixture to a folder. */
export function unpackFixture(name: string, folder: string): void {
  const file = path.join(root, 'test', 'fixtures', 'array', name)
  const files = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  for (const [entry, content] of Object.entries(files)) {
    const target = path.join(folder, entry)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, Buffer.from(content, 'base64'))
  }
}

/** All dtypes. */
export const dtypes: readonly da.Dtype[] = [
  'bool',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
  'complex64',
  'complex128',
]

/** The values that `ramp` of make-storage-fixtures.py makes, as nested lists. */
export function ramp(dtype: da.Dtype, shape: readonly number[] = [3, 4]): unknown {
  let next = 0
  const build = (axis: number): unknown =>
    axis === shape.length
      ? element(dtype, next++)
      : Array.from({ length: shape[axis]! }, () => build(axis + 1))
  return build(0)
}

function element(dtype: da.Dtype, i: number): da.Scalar {
  if (dtype === 'bool') return i % 3 === 1
  if (dtype.startsWith('complex')) return { re: i, im: -(i + 0.5) }
  if (dtype.startsWith('float')) return i - 2.5
  if (dtype.endsWith('int64')) return BigInt(i) + 2n ** 60n + 1n
  return dtype.startsWith('u') ? i : i - 3
}

/** The array of `ramp`. */
export function rampArray(
  dtype: da.Dtype,
  shape?: readonly number[],
  chunks: da.ChunksSpec = 2,
): da.ChunkedArray {
  return da.fromArray(ramp(dtype, shape) as number[][], { dtype, chunks })
}

const prelude = `
import sys, numpy as np
def ramp(dtype, shape=(3, 4)):
    numbers = np.arange(np.prod(shape)).reshape(shape)
    if dtype == "bool": return numbers % 3 == 1
    if dtype.startswith("complex"): return (numbers - 1j * (numbers + 0.5)).astype(dtype)
    if dtype.startswith("float"): return (numbers - 2.5).astype(dtype)
    if dtype in ("int64", "uint64"): return numbers.astype(dtype) + np.array(2**60 + 1, dtype)
    return (numbers if dtype.startswith("u") else numbers - 3).astype(dtype)
def same(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape and (np.asarray(a) == b).all(), (a, b)
folder = sys.argv[1]
`

/** Runs Python code, which may use `ramp(dtype, shape)`, `same(a, b)` and `folder`; an error fails the test. */
export function checkInPython(code: string, folder: string): void {
  runPython(prelude + code, folder)
}
