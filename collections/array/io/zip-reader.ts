/**
 * Reads the directory of ZIP archives, as `.npz` files are. ZIP64 is supported; encryption and splitting are not.
 */
import { inflateRawSync } from 'node:zlib'
import type { PartReader } from './readable-file.js'

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string
  readonly compressed: boolean
  /** The position of the first byte of the content in the archive. */
  readonly start: number
  /** The number of bytes in the archive. */
  readonly packed: number
  /** The number of bytes of the content. */
  readonly size: number
}

const END = 0x06054b50
const END64 = 0x06064b50
const END64_LOCATOR = 0x07064b50
const CENTRAL = 0x02014b50
const MAX32 = 0xffffffff
/** The end record is followed by a comment of at most 64 KiB. */
const TAIL = 22 + 65_535 + 20

/**
 * Returns the files in an archive.
 * @throws TypeError for other files, and for compressions but deflate.
 */
export function readZip(reader: PartReader, path: string, size: number): ZipEntry[] {
  const read = (position: number, count: number): Buffer => {
    const bytes = Buffer.alloc(count)
    reader.fill(bytes, position)
    return bytes
  }
  const { start, length, entries } = findDirectory(path, size, read)
  const directory = read(start, length)
  const found: ZipEntry[] = []
  for (let at = 0, i = 0; i < entries; i++) {
    if (at + 46 > length || directory.readUInt32LE(at) !== CENTRAL) throw damaged(path)
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) =>
      directory.readUInt16LE(at + o),
    ) as [number, number, number]
    const end = at + 46 + nameLength + extraLength + commentLength
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength)
    const extra = directory.subarray(at + 46 + nameLength, end - commentLength)
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)]
    if ((flags & 1) !== 0 || (method !== 0 && method !== 8)) {
      throw new TypeError(
        `'${path}': '${name}' is encrypted or compressed by another method than deflate`,
      )
    }
    const [full, packed, header] = sizes64(directory, at, extra)
    const local = read(header, 30)
    const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    found.push({ name, compressed: method === 8, start, packed, size: full })
    at = end
  }
  return found
}

/** Returns the size, the packed size and the position of an entry, which are in the extra field if they are large. */
function sizes64(
  directory: Buffer,
  at: number,
  extra: Buffer,
): [size: number, packed: number, header: number] {
  const sizes = [24, 20, 42].map((o) => directory.readUInt32LE(at + o))
  for (let e = 0; e + 4 <= extra.length; e += 4 + extra.readUInt16LE(e + 2)) {
    if (extra.readUInt16LE(e) !== 1) continue
    let o = e + 4
    for (let i = 0; i < 3; i++) {
      if (sizes[i] !== MAX32) continue
      sizes[i] = Number(extra.readBigUInt64LE(o))
      o += 8
    }
  }
  return sizes as [number, number, number]
}

function findDirectory(
  path: string,
  size: number,
  read: (position: number, count: number) => Buffer,
): { readonly start: number; readonly length: number; readonly entries: number } {
  const tail = read(Math.max(0, size - TAIL), Math.min(size, TAIL))
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--
  if (end < 0) throw damaged(path)
  const locator = end - 20
  if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR) {
    const record = read(Number(tail.readBigUInt64LE(locator + 8)), 56)
    if (record.readUInt32LE(0) !== END64) throw damaged(path)
    const [entries, length, start] = [32, 40, 48].map((o) => Number(record.readBigUInt64LE(o)))
    return { entries: entries!, length: length!, start: start! }
  }
  return {
    entries: tail.readUInt16LE(end + 10),
    length: tail.readUInt32LE(end + 12),
    start: tail.readUInt32LE(end + 16),
  }
}

function damaged(path: string): TypeError {
  return new TypeError(`'${path}' is not a ZIP archive, or it is damaged`)
}

/** Returns the content of an entry. */
export function readEntry(reader: PartReader, entry: ZipEntry): Buffer {
  const { start, packed, size, compressed } = entry
  const bytes = Buffer.alloc(packed)
  reader.fill(bytes, start)
  return compressed ? inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }) : bytes
}

/** Returns the first bytes of the content of an entry that is not compressed, or of all others the whole. */
export function readEntryHead(reader: PartReader, entry: ZipEntry, count: number): Buffer {
  if (entry.compressed) return readEntry(reader, entry)
  const bytes = Buffer.alloc(Math.min(count, entry.size))
  reader.read(bytes, entry.start)
  return bytes
}
