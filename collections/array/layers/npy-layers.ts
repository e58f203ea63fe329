/**
 * Reads arrays from NumPy's files and raw binary files, and writes them.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkOptions } from '../../../core/base/argument-checks.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { assertDtype, type Dtype, dtypeInfo } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import { BinaryFile } from '../io/binary-file.js'
import type { ByteOrder } from '../io/element-code.js'
import { localPath, temporaryPath } from '../io/file-access.js'
import { createFile, createNpyFile } from '../io/npy-format.js'
import { hasOtherStack, NpyStack, writeStackInfo } from '../io/npy-stack.js'
import { localFile, type ReadableFile } from '../io/readable-file.js'
import { ZipWriter } from '../io/zip-writer.js'
import { assertShape, normalizeAxis } from '../planning/shape-arguments.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { assertArray } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { planStore } from './storage-layers.js'
import { COMPUTE_OPTIONS, writeBlocks } from './store-arrays.js'

/** How the elements of a file are ordered. */
export interface FileOrderOptions {
  /** `'C'`, the default, if the last axis is contiguous, `'F'` if the first one is. */
  readonly order?: 'C' | 'F' | undefined
}

/** Where the elements of a raw binary file are. */
export interface BinaryOptions<D extends Dtype = Dtype> extends FileOrderOptions {
  /** The dtype of the elements. */
  readonly dtype: D
  /** The shape. The default is one axis with all elements from `offset` on. */
  readonly shape?: readonly number[] | undefined
  /** The position of the first element in bytes; 0 by default. */
  readonly offset?: number | undefined
  /** The order of the bytes of a number: `'little'`, the default, or `'big'`. */
  readonly byteOrder?: ByteOrder | undefined
}

/** Names the options of `BinaryOptions`. */
export const BINARY_OPTIONS = ['dtype', 'shape', 'offset', 'order', 'byteOrder'] as const

/** Opens a raw binary file. */
export function openBinaryFile(
  path: unknown,
  options: BinaryOptions,
  operation: string,
  find: (path: unknown) => ReadableFile = (local) => localFile(localPath(local, operation)),
): BinaryFile {
  checkOptions(options, BINARY_OPTIONS, operation)
  const { dtype, order = 'C', byteOrder = 'little', offset = 0 } = options
  assertDtype(dtype, operation)
  checkWholeNumber(offset, 0, operation, 'offset')
  assertChoice(order, ['C', 'F'], 'order', operation)
  assertChoice(byteOrder, ['little', 'big'], 'byteOrder', operation)
  const { size, ...file } = find(path)
  const room = size - offset
  const { bytes } = dtypeInfo(dtype)
  const { shape = [room / bytes] } = options
  if (options.shape === undefined && !(Number.isInteger(shape[0]) && room >= 0)) {
    throw new RangeError(
      `${operation}: '${file.path}' has ${room} bytes from ${offset} on, which are not a whole number of elements of ${bytes} bytes`,
    )
  }
  assertShape(shape, operation)
  if (sizeOf(shape) * bytes > room) {
    throw new RangeError(
      `${operation}: '${file.path}' has ${room} bytes from ${offset} on, fewer than the ${sizeOf(shape) * bytes} of shape [${shape}]`,
    )
  }
  return new BinaryFile({ ...file, dtype, shape, offset, order, byteOrder })
}

/** Throws a TypeError unless a value is one of some strings. */
export function assertChoice(
  value: unknown,
  choices: readonly string[],
  name: string,
  operation: string,
): void {
  if (choices.includes(value as string)) return
  throw new TypeError(
    `${operation}: ${name} must be one of ${choices.map((c) => `'${c}'`).join(', ')}; got ${formatArgument(value)}`,
  )
}

/** Writes an array to a file that `create` makes, under another name until it is complete. */
async function writeFile(
  array: unknown,
  path: string,
  { operation, options, create }: FileWriting,
): Promise<void> {
  assertArray(array, operation)
  const temporary = temporaryPath(path)
  const plan = planStore(array, { set: neverCalled }, undefined, operation)
  mkdirSync(dirname(path), { recursive: true })
  try {
    const target = create(temporary, array.dtype, shapeOf(array))
    await writeBlocks([{ ...plan, target }], false, options)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function neverCalled(): void {}

interface FileWriting {
  readonly operation: string
  readonly options: ComputeOptions
  readonly create: (path: string, dtype: Dtype, shape: readonly number[]) => BinaryFile
}

/** The options of `toNpy`. */
export interface ToNpyOptions extends FileOrderOptions, ComputeOptions {}

/** Writes an array to an `.npy` file. */
export function writeNpy(path: unknown, array: unknown, options: ToNpyOptions): Promise<void> {
  checkOptions(options, ['order', ...COMPUTE_OPTIONS], 'toNpy')
  const { order = 'C', ...rest } = options
  assertChoice(order, ['C', 'F'], 'order', 'toNpy')
  assertArray(array, 'toNpy')
  return writeFile(array, localPath(path, 'toNpy'), {
    operation: 'toNpy',
    options: rest,
    create: (file, dtype, shape) => createNpyFile(file, dtype, shape, order),
  })
}

/** The options of `toBinary`. */
export interface ToBinaryOptions extends FileOrderOptions, ComputeOptions {
  /** The order of the bytes of a number: `'little'`, the default, or `'big'`. */
  readonly byteOrder?: ByteOrder | undefined
}

/** Writes the elements of an array to a file, without a header. */
export function writeBinary(
  path: unknown,
  array: unknown,
  options: ToBinaryOptions,
): Promise<void> {
  checkOptions(options, ['order', 'byteOrder', ...COMPUTE_OPTIONS], 'toBinary')
  const { order = 'C', byteOrder = 'little', ...rest } = options
  assertChoice(order, ['C', 'F'], 'order', 'toBinary')
  assertChoice(byteOrder, ['little', 'big'], 'byteOrder', 'toBinary')
  assertArray(array, 'toBinary')
  return writeFile(array, localPath(path, 'toBinary'), {
    operation: 'toBinary',
    options: rest,
    create: (file, dtype, shape) => {
      createFile(file, new Uint8Array(0), sizeOf(shape) * dtypeInfo(dtype).bytes)
      return new BinaryFile({ path: file, dtype, shape, offset: 0, order, byteOrder })
    },
  })
}

/** The options of `toNpz`. */
export interface ToNpzOptions extends ComputeOptions {
  /** Whether arrays are compressed. False by default; compressed arrays are read whole. */
  readonly compressed?: boolean | undefined
}

/** Writes arrays to an `.npz` file, one after the other. */
export function writeNpz(path: unknown, arrays: unknown, options: ToNpzOptions): Promise<void> {
  checkOptions(options, ['compressed', ...COMPUTE_OPTIONS], 'toNpz')
  if (typeof arrays !== 'object' || arrays === null || Array.isArray(arrays) || 'layer' in arrays) {
    throw new TypeError(
      `toNpz: the arrays must be an object that names them, such as { x, y }; got ${formatArgument(arrays)}`,
    )
  }
  const entries = Object.entries(arrays)
  for (const [, array] of entries) assertArray(array, 'toNpz')
  return writeArchive(localPath(path, 'toNpz'), entries, options)
}

async function writeArchive(
  path: string,
  arrays: readonly (readonly [name: string, array: ArraySpec])[],
  { compressed = false, ...options }: ToNpzOptions,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryPath(path)
  const part = `${temporary}.npy`
  const writer = new ZipWriter(temporary)
  try {
    for (const [name, array] of arrays) {
      const create = createNpyFile
      await writeFile(array, part, { operation: 'toNpz', options, create })
      await writer.add(`${name}.npy`, part, compressed)
    }
    writer.end()
    writer.close()
    renameSync(temporary, path)
  } catch (error) {
    writer.close()
    rmSync(temporary, { force: true })
    throw error
  } finally {
    rmSync(part, { force: true })
  }
}

/** The options of `toNpyStack`. */
export interface NpyStackOptions extends ComputeOptions {
  /** The axis along which the files follow each other; 0 by default. */
  readonly axis?: number | undefined
  /** Whether files that exist already are not computed again. False by default. */
  readonly resume?: boolean | undefined
}

/** Writes an array to a folder, one `.npy` file for each chunk of an axis. */
export function writeNpyStack(
  path: unknown,
  array: unknown,
  options: NpyStackOptions,
): Promise<void> {
  checkOptions(options, ['axis', 'resume', ...COMPUTE_OPTIONS], 'toNpyStack')
  const { axis: given = 0, resume = false, ...rest } = options
  const folder = localPath(path, 'toNpyStack')
  assertArray(array, 'toNpyStack')
  const axis = normalizeAxis(given, array.chunks.length, 'toNpyStack')
  const shape = shapeOf(array)
  const grid = array.chunks.map((sizes, a) =>
    a === axis ? sizes.filter((n, _, all) => n > 0 || all.length === 1) : [shape[a]!],
  )
  const layout = { folder, dtype: array.dtype, grid, axis }
  const plan = planStore(rechunkTo(array, grid), new NpyStack(layout), undefined, 'toNpyStack')
  if (resume && hasOtherStack(layout)) {
    throw new RangeError(
      `toNpyStack: '${folder}' holds a stack of another shape, dtype or chunks, so it cannot be resumed; write to another folder`,
    )
  }
  writeStackInfo(layout)
  return writeBlocks([plan], resume, rest)
}
