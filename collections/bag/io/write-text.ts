/**
 * What `toTextfiles` does before anything is written: the paths, and how files are made.
 */
import { resolve } from 'node:path'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { checkOptions } from '../../base/argument-checks.js'
import { describeValue } from '../../base/describe-value.js'
import { naturalOrder, readEncoding } from './text-files.js'
import type { WriteFormat } from './text-steps.js'

/** What `toTextfiles` can be told. */
export interface WriteOptions {
  /** The text that stands for `*`, from a partition's number; names must be in the order of partitions. */
  readonly nameFunction?: ((partition: number) => string) | undefined
  /** `'infer'`, the default, packs files whose names end in `.gz`. */
  readonly compression?: 'infer' | 'gzip' | null | undefined
  /** `'utf8'` (the default), `'utf16le'`, `'latin1'` or `'ascii'`. */
  readonly encoding?: string | undefined
  /** Whether files end with a newline; they do by default. */
  readonly lastEndline?: boolean | undefined
}

/** Checks the arguments of `toTextfiles` and works out the paths. */
export function writePlan(
  path: string | readonly string[],
  options: WriteOptions & { readonly compute?: boolean } & ComputeOptions,
  npartitions: number,
): { paths: string[]; formats: WriteFormat[]; compute: boolean; rest: ComputeOptions } {
  const names = ['nameFunction', 'compression', 'encoding', 'lastEndline', 'compute']
  checkOptions(options, [...names, 'get', 'signal', 'onProgress'], 'toTextfiles')
  const {
    nameFunction,
    compression = 'infer',
    encoding = 'utf8',
    lastEndline = true,
    compute = true,
    ...rest
  } = options
  const paths = filePaths(path, nameFunction, npartitions)
  if (compression !== 'infer' && compression !== 'gzip' && compression !== null) {
    throw new RangeError(
      `toTextfiles: compression must be 'infer', 'gzip' or null, got ${describeValue(compression)}`,
    )
  }
  const known = readEncoding(encoding, 'toTextfiles')
  const formats = paths.map((file): WriteFormat => {
    const packed = compression === 'gzip' || (compression === 'infer' && file.endsWith('.gz'))
    return { packed, encoding: known, lastEndline: Boolean(lastEndline) }
  })
  return { paths, formats, compute, rest }
}

function filePaths(
  path: string | readonly string[],
  nameFunction: ((partition: number) => string) | undefined,
  npartitions: number,
): string[] {
  if (Array.isArray(path)) {
    if (path.length !== npartitions || new Set(path).size !== npartitions) {
      throw new RangeError(
        `toTextfiles: a list of paths must have a different one for each of ${npartitions} partitions, got ${path.length}`,
      )
    }
    return path.map((file: string) => resolve(file))
  }
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `toTextfiles: the path must be a text or a list of texts, got ${describeValue(path)}`,
    )
  }
  if (!path.includes('*')) {
    if (npartitions === 1) return [resolve(path)]
    throw new RangeError(
      `toTextfiles: the path must have a * for the partition's number, got ${describeValue(path)} for ${npartitions} partitions`,
    )
  }
  const width = String(npartitions - 1).length
  const nameOf = nameFunction ?? ((i: number) => String(i).padStart(width, '0'))
  const names = Array.from({ length: npartitions }, (_, i) => {
    const name: unknown = nameOf(i)
    if (typeof name === 'string') return name
    throw new TypeError(`toTextfiles: nameFunction must give a text, got ${describeValue(name)}`)
  })
  for (let i = 1; i < names.length; i++) {
    if (naturalOrder(names[i - 1]!, names[i]!) < 0) continue
    throw new RangeError(
      `toTextfiles: nameFunction must give names in the order of partitions, got ${describeValue(names[i - 1])} and then ${describeValue(names[i])}`,
    )
  }
  return names.map((name) => resolve(path.replaceAll('*', () => name)))
}
