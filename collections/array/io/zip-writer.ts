/**
 * Writes ZIP archives, file by file. All sizes are written in the form of ZIP64, as NumPy writes them, so there is no
 * limit of 4 GiB.
 */
import { closeSync, createReadStream, openSync } from 'node:fs'
// A namespace, since `crc32` is missing in old versions of Node, which must still get to the message that refuses them.
import * as zlib from 'node:zlib'
import { writeFully } from './file-access.js'

interface WrittenEntry {
  readonly name: Buffer
  readonly method: 0 | 8
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly header: number
}

const MAX32 = 0xffffffff
/** The version of the format that ZIP64 needs. */
const VERSION = 45
/** Names are UTF-8. */
const FLAGS = 0x800
/** 1 January 1980, the first date that the format has: archives of equal content are equal. */
const DATE = 0x21

/** An archive that is being written. */
export class ZipWriter {
  private readonly file: number
  private readonly path: string
  private position = 0
  private readonly entries: WrittenEntry[] = []

  constructor(path: string) {
    this.path = path
    this.file = openSync(path, 'w')
  }

  /** Adds the content of a file, in pieces. */
  async add(name: string, path: string, compressed: boolean): Promise<void> {
    const header = this.position
    const bytes = Buffer.from(name)
    const headerLength = 30 + bytes.length + 20
    this.position += headerLength
    let [crc, size, packed] = [0, 0, 0]
    const source = createReadStream(path, { highWaterMark: 2 ** 20 })
    const content = async function* () {
      for await (const piece of source as AsyncIterable<Buffer>) {
        crc = zlib.crc32(piece, crc)
        size += piece.length
        yield piece
      }
    }
    const output = compressed ? deflated(content()) : content()
    for await (const piece of output) {
      writeFully(this.file, this.path, piece, this.position)
      this.position += piece.length
      packed += piece.length
    }
    const entry = { name: bytes, method: compressed ? 8 : 0, crc, packed, size, header } as const
    this.entries.push(entry)
    writeFully(this.file, this.path, localHeader(entry), header)
  }

  /** Writes the directory. */
  end(): void {
    const directory = Buffer.concat(this.entries.map(centralHeader))
    const records = endRecords(this.entries.length, directory.length, this.position)
    writeFully(this.file, this.path, Buffer.concat([directory, records]), this.position)
  }

  close(): void {
    closeSync(this.file)
  }
}

async function* deflated(content: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const deflate = zlib.createDeflateRaw({ chunkSize: 2 ** 18 })
  const feed = async () => {
    for await (const piece of content) {
      if (!deflate.write(piece)) await new Promise((resolve) => deflate.once('drain', resolve))
    }
    deflate.end()
  }
  feed().catch((error: Error) => deflate.destroy(error))
  yield* deflate as AsyncIterable<Buffer>
}

/** The fields that both headers of an entry have, from the version on. */
function commonFields(entry: WrittenEntry): Buffer {
  const fields = Buffer.alloc(22)
  fields.writeUInt16LE(VERSION, 0)
  fields.writeUInt16LE(FLAGS, 2)
  fields.writeUInt16LE(entry.method, 4)
  fields.writeUInt16LE(DATE, 8)
  fields.writeUInt32LE(entry.crc, 10)
  fields.writeUInt32LE(MAX32, 14)
  fields.writeUInt32LE(MAX32, 18)
  return fields
}

/** The extra field of ZIP64. */
function extraField(...numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * numbers.length, 2)
  numbers.forEach((n, i) => void extra.writeBigUInt64LE(BigInt(n), 4 + 8 * i))
  return extra
}

function localHeader(entry: WrittenEntry): Buffer {
  const extra = extraField(entry.size, entry.packed)
  const lengths = Buffer.alloc(4)
  lengths.writeUInt16LE(entry.name.length, 0)
  lengths.writeUInt16LE(extra.length, 2)
  return Buffer.concat([Buffer.from('PK\x03\x04'), commonFields(entry), lengths, entry.name, extra])
}

function centralHeader(entry: WrittenEntry): Buffer {
  const extra = extraField(entry.size, entry.packed, entry.header)
  const rest = Buffer.alloc(18)
  rest.writeUInt16LE(entry.name.length, 0)
  rest.writeUInt16LE(extra.length, 2)
  rest.writeUInt32LE(MAX32, 14)
  const made = Buffer.from([VERSION, 0])
  const head = [Buffer.from('PK\x01\x02'), made, commonFields(entry), rest]
  return Buffer.concat([...head, entry.name, extra])
}

function endRecords(count: number, length: number, start: number): Buffer {
  const end64 = Buffer.alloc(56)
  end64.write('PK\x06\x06', 'latin1')
  end64.writeBigUInt64LE(44n, 4)
  end64.writeUInt16LE(VERSION, 12)
  end64.writeUInt16LE(VERSION, 14)
  for (const offset of [24, 32]) end64.writeBigUInt64LE(BigInt(count), offset)
  end64.writeBigUInt64LE(BigInt(length), 40)
  end64.writeBigUInt64LE(BigInt(start), 48)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 'latin1')
  locator.writeBigUInt64LE(BigInt(start + length), 8)
  locator.writeUInt32LE(1, 16)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  for (const offset of [8, 10]) end.writeUInt16LE(0xffff, offset)
  for (const offset of [12, 16]) end.writeUInt32LE(MAX32, offset)
  return Buffer.concat([end64, locator, end])
}
