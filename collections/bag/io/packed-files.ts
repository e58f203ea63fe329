/** Recognizes compressed files, and files that are not text, by their names and first bytes. */
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges, readStart } from '../../files/open-files.js'
import type { Codec, Compression, WriteCodec } from './text-format.js'

/** A format of compressed files, of archives, or of other files that are not text. */
interface PackedFormat {
  readonly name: string
  /** The ends of file names, in lower case. */
  readonly suffixes: readonly string[]
  /** The first bytes, in hexadecimal. */
  readonly magic?: RegExp
  /** Its name as an option, if such files can be read. */
  readonly codec?: Codec
  /** A command that writes the text in a file to its standard output; undefined if there is none. */
  readonly command?: string
  /** The function that reads such files. */
  readonly reader?: string
}

/** The formats of compressed files, archives, and others that are not text. */
const formats: readonly PackedFormat[] = [
  { name: 'gzip', suffixes: ['.gz', '.gzip'], magic: /^1f8b08/, codec: 'gzip' },
  {
    name: 'Zstandard',
    suffixes: ['.zst', '.zstd'],
    magic: /^28b52ffd/,
    codec: 'zstd',
  },
  {
    name: 'bzip2',
    suffixes: ['.bz2'],
    magic: /^425a683[1-9](314159265359|177245385090)/,
    codec: 'bzip2',
  },
  { name: 'xz', suffixes: ['.xz'], magic: /^fd377a585a00/, codec: 'xz' },
  { name: 'zip', suffixes: ['.zip'], magic: /^504b(0304|0506)/, command: 'unzip -p' },
  { name: '7-Zip', suffixes: ['.7z'], magic: /^377abcaf271c/, command: '7z e -so' },
  { name: 'LZ4', suffixes: ['.lz4'], magic: /^04224d18/, codec: 'lz4' },
  { name: 'Brotli', suffixes: ['.br'], codec: 'brotli' },
  { name: 'LZMA', suffixes: ['.lzma'], command: 'unlzma -c' },
  { name: 'compress', suffixes: ['.z'], magic: /^1f9d/, command: 'zcat' },
  { name: 'lzip', suffixes: ['.lz'], magic: /^4c5a4950/, command: 'lzip -dc' },
  { name: 'RAR', suffixes: ['.rar'], magic: /^526172211a07/, command: 'unrar p -inul' },
  { name: 'tar', suffixes: ['.tar'], command: 'tar -xOf' },
  { name: 'Parquet', suffixes: ['.parquet'], magic: /^5041523115/, reader: 'readParquet' },
  {
    name: 'Arrow',
    suffixes: ['.arrow', '.feather'],
    magic: /^4152524f57310000/,
    reader: 'readArrow',
  },
  { name: 'Avro', suffixes: ['.avro'], magic: /^4f626a01/, reader: 'readAvro' },
  { name: 'HDF5', suffixes: ['.h5', '.hdf5'], magic: /^894844460d0a1a0a/ },
  { name: 'NumPy', suffixes: ['.npy', '.npz'], magic: /^934e554d5059/ },
  {
    name: 'SQLite',
    suffixes: ['.sqlite'],
    magic: /^53514c69746520666f726d6174203300/,
    reader: 'fromSql',
  },
  {
    name: 'UTF-32',
    suffixes: [],
    magic: /^(fffe0000|0000feff)/,
    command: 'iconv -f UTF-32 -t UTF-8',
  },
]

/** Archives that were compressed with gzip. */
const packedTar: PackedFormat = { name: 'tar', suffixes: ['.tar.gz', '.tgz'], command: 'tar -xzOf' }

/** The most bytes that the recognition of a format needs. */
const HEAD_SIZE = 16

/** Returns the first bytes of a file; none if it cannot be read, which the task that reads it reports. */
export function readHead(file: FoundFile): Buffer {
  // Reading from a pipe, whose size is 0, would wait and take its bytes away.
  if (file.size === 0 || !hasRanges(file)) return Buffer.alloc(0)
  try {
    return Buffer.from(readStart(file, HEAD_SIZE))
  } catch {
    return Buffer.alloc(0)
  }
}

/**
 * Returns how a file is compressed: as `compression` says, or its name or its first bytes; undefined if it is not.
 *
 * @throws RangeError for a file of another format, unless `compression` is null.
 */
export function readCodec(
  path: string,
  head: Buffer,
  compression: Compression,
  operation: string,
): Codec | undefined {
  if (compression !== 'infer') return compression ?? undefined
  const start = head.toString('hex')
  if (hasSuffix(path, packedTar)) throw notReadable(path, packedTar, operation)
  const packed =
    formats.find(({ magic }) => magic?.test(start)) ??
    formats.find((format) => hasSuffix(path, format))
  if (packed === undefined || packed.codec !== undefined) return packed?.codec
  throw notReadable(path, packed, operation)
}

function notReadable(
  path: string,
  { name, command, reader }: PackedFormat,
  operation: string,
): RangeError {
  const isWhat = `${operation}: cannot read '${path}': it is a ${name} file`
  if (reader !== undefined) {
    return new RangeError(
      `${isWhat}, which db.${reader} reads; set compression: null if it is text`,
    )
  }
  return new RangeError(
    command === undefined
      ? `${isWhat}, which is not text; read it in functions, db.fromDelayed(paths.map(delayed(readRows))), or set compression: null if it is text`
      : `${isWhat}, which cannot be read; unpack it first, such as by \`${command} file | gzip > file.gz\`, or set compression: null if it is text`,
  )
}

/**
 * Returns how a file is compressed when it is written: as `compression` or its name says; undefined if it is not.
 *
 * @throws RangeError for the name of another format, unless `compression` is set.
 */
export function writeCodec(
  path: string,
  compression: Compression<WriteCodec>,
  operation: string,
): WriteCodec | undefined {
  if (compression !== 'infer') return compression ?? undefined
  const format = [packedTar, ...formats].find((other) => hasSuffix(path, other))
  const codec = format?.codec
  if (format === undefined || codec === 'gzip' || codec === 'brotli' || codec === 'zstd') {
    return codec as WriteCodec | undefined
  }
  throw new RangeError(
    `${operation}: cannot write '${path}' as a ${format.name} file; only gzip (.gz), Brotli (.br) and Zstandard (.zst) can be written, or set compression: null for text`,
  )
}

function hasSuffix(path: string, { suffixes }: PackedFormat): boolean {
  const lower = path.toLowerCase()
  return suffixes.some((suffix) => lower.endsWith(suffix))
}
