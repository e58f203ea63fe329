/**
 * NumPy's `.npy` format: a header with the dtype, the order and the shape, then the elements. Versions 1 to 3.
 */
import { closeSync, ftruncateSync, openSync } from 'node:fs'
import type { FileReference } from '../../files/file-system.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { sizeOf } from '../block/ndarray.js'
import { BinaryFile } from './binary-file.js'
import { type ByteOrder, codeOf, OWN_ORDER, parseCode } from './element-code.js'
import { writeFully } from './file-access.js'
import { type ReadableFile, withReader } from './readable-file.js'

/** What the header of an `.npy` file says. */
export interface NpyHeader {
  readonly dtype: Dtype
  readonly byteOrder: ByteOrder
  readonly order: 'C' | 'F'
  readonly shape: readonly number[]
  /** The number of bytes before the first element. */
  readonly length: number
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')
/** The elements begin at a multiple of this many bytes. */
const ALIGNMENT = 64
/** Enough bytes for the headers of nearly all files. */
const HEAD = 4096

/**
 * Parses the header in the first bytes of a file; undefined if they are too few.
 * @throws TypeError for other files, and for dtypes that arrays do not have.
 */
export function parseNpyHeader(bytes: Buffer, path: string): NpyHeader | undefined {
  const version = bytes[MAGIC.length] ?? 0
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || version < 1 || version > 3) {
    throw new TypeError(`'${path}' is not an .npy file of version 1, 2 or 3`)
  }
  const wide = version > 1
  const start = wide ? 12 : 10
  if (bytes.length < start) return undefined
  const length = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8))
  if (bytes.length < length) return undefined
  return { ...parseFields(bytes.toString('latin1', start, length), path), length }
}

/** Parses the literal of a Python dictionary: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. */
function parseFields(text: string, path: string): Omit<NpyHeader, 'length'> {
  const field = (name: string, value: string) => {
    return new RegExp(`['"]${name}['"]\\s*:\\s*${value}`).exec(text)?.[1]
  }
  const shape = field('shape', '\\(([^)]*)\\)')
  const order = field('fortran_order', '(True|False)')
  const descr = field('descr', `['"]([^'"]*)['"]`)
  if (shape === undefined || order === undefined) {
    throw new TypeError(`'${path}' has a damaged header: ${text.trim().slice(0, 100)}`)
  }
  if (descr === undefined) {
    throw new TypeError(
      `'${path}' holds records, which arrays do not have; save each field on its own`,
    )
  }
  return {
    ...parseCode(descr, `'${path}'`),
    order: order === 'True' ? 'F' : 'C',
    shape: shape
      .split(',')
      .map((size) => size.trim().replace(/L$/, ''))
      .filter((size) => size !== '')
      .map(Number),
  }
}

/** Returns the header of a file, in version 1 if it is short enough. */
export function npyHeader(about: Omit<NpyHeader, 'length'>): Buffer {
  const { dtype, byteOrder, order, shape } = about
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const fields = `{'descr': '${codeOf(dtype, byteOrder)}', 'fortran_order': ${order === 'F' ? 'True' : 'False'}, 'shape': (${sizes}), }`
  const wide = fields.length > 65_000
  const start = wide ? 12 : 10
  const length = Math.ceil((start + fields.length + 1) / ALIGNMENT) * ALIGNMENT
  const header = Buffer.alloc(length, ' ')
  MAGIC.copy(header)
  header[6] = wide ? 2 : 1
  header[7] = 0
  if (wide) header.writeUInt32LE(length - start, 8)
  else header.writeUInt16LE(length - start, 8)
  header.write(fields, start, 'latin1')
  header[length - 1] = 10
  return header
}

/** Reads the header of a file. */
function readNpyHeader(file: FileReference): NpyHeader {
  return withReader(file, (reader) => {
    for (let size = HEAD; ; size *= 16) {
      const bytes = Buffer.alloc(size)
      const count = reader.read(bytes, 0)
      const header = parseNpyHeader(bytes.subarray(0, count), file.path)
      if (header !== undefined) return header
      if (count < size) throw new RangeError(`'${file.path}' ends within its header`)
    }
  })
}

/** Opens an `.npy` file. */
export function openNpyFile(file: ReadableFile): BinaryFile {
  const { path, access, token } = file
  const { length, ...rest } = readNpyHeader(file)
  return new BinaryFile({ path, access, offset: length, ...rest, token })
}

/** Makes an `.npy` file of zeros. Zeros that are not written later take no room on most file systems. */
export function createNpyFile(
  path: string,
  dtype: Dtype,
  shape: readonly number[],
  order: 'C' | 'F' = 'C',
): BinaryFile {
  const header = npyHeader({ dtype, byteOrder: OWN_ORDER, order, shape })
  createFile(path, header, sizeOf(shape) * dtypeInfo(dtype).bytes)
  return new BinaryFile({ path, offset: header.length, dtype, byteOrder: OWN_ORDER, order, shape })
}

/** Makes a file of a header and some zeros. */
export function createFile(path: string, header: Uint8Array, zeros: number): void {
  const file = openSync(path, 'w')
  try {
    writeFully(file, path, header, 0)
    ftruncateSync(file, header.length + zeros)
  } finally {
    closeSync(file)
  }
}
