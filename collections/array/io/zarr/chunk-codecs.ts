/**
 * Encodes and decodes chunks of Zarr arrays, and shards, which hold chunks and an index of their positions.
 */
import { type Dtype, dtypeInfo, type Scalar } from '../../block/dtype.js'
import { allocate, copyInto, copyOf, NDArray, sizeOf } from '../../block/ndarray.js'
import { forEachBlock } from '../../planning/chunk-grid.js'
import { bytesOf, OWN_ORDER, swapBytes } from '../element-code.js'
import { byteCodec } from './byte-codecs.js'
import type { ByteRange } from './key-store.js'
import type { ChunkCodecs, CodecConfig, ShardCodecs } from './zarr-metadata.js'

/** What the elements of a chunk are, and where it is, for messages. */
export interface ChunkFormat {
  readonly dtype: Dtype
  readonly fillValue: Scalar
  readonly where: string
}

/** Makes a block of one value. */
export function filledBlock(dtype: Dtype, value: Scalar, shape: readonly number[]): NDArray {
  const one = NDArray.scalar(dtype, value)
  return copyOf(one.broadcastTo(shape))
}

/** Returns the block of a chunk's bytes. */
export async function decodeChunk(
  bytes: Uint8Array,
  codecs: ChunkCodecs,
  shape: readonly number[],
  format: ChunkFormat,
): Promise<NDArray> {
  const { dtype, where } = format
  if (codecs.shard !== undefined) return decodeShard(bytes, codecs, codecs.shard, shape, format)
  const { order, byteOrder, compressors } = codecs
  const plain = await decodeBytes(bytes, compressors, where)
  const size = sizeOf(shape)
  if (plain.length !== size * dtypeInfo(dtype).bytes) {
    throw new RangeError(
      `${where} has a chunk of ${plain.length} bytes instead of ${size * dtypeInfo(dtype).bytes}; it is damaged`,
    )
  }
  const data = allocate(dtype, size)
  bytesOf(data).set(plain)
  swapBytes(bytesOf(data), dtype, byteOrder)
  if (order === undefined) return new NDArray(dtype, data, shape)
  const block = new NDArray(
    dtype,
    data,
    order.map((axis) => shape[axis]!),
  )
  return block.transpose(order.map((_, axis) => order.indexOf(axis)))
}

/** Returns the bytes of a chunk. */
export async function encodeChunk(
  block: NDArray,
  codecs: ChunkCodecs,
  where: string,
): Promise<Uint8Array> {
  if (codecs.shard !== undefined) return encodeShard(block, codecs, codecs.shard, where)
  const { order, byteOrder, compressors } = codecs
  const inOrder = order === undefined ? block : block.transpose(order)
  const own = byteOrder === OWN_ORDER ? inOrder.contiguous() : copyOf(inOrder)
  const bytes = bytesOf(own.data)
  swapBytes(bytes, block.dtype, byteOrder)
  return encodeBytes(bytes, compressors, where)
}

async function decodeBytes(
  bytes: Uint8Array,
  codecs: readonly CodecConfig[],
  where: string,
): Promise<Uint8Array> {
  let result = bytes
  for (const config of [...codecs].reverse()) {
    result = await (await byteCodec(config, where)).decode(result)
  }
  return result
}

async function encodeBytes(
  bytes: Uint8Array,
  codecs: readonly CodecConfig[],
  where: string,
): Promise<Uint8Array> {
  let result = bytes
  for (const config of codecs) result = await (await byteCodec(config, where)).encode(result)
  return result
}

/** The position of a chunk that a shard does not have. */
const ABSENT = 2n ** 64n - 1n

/** Returns how many chunks a shard has along each axis. */
function chunksPerShard(shape: readonly number[], { chunks }: ShardCodecs): number[] {
  return shape.map((n, axis) => n / chunks[axis]!)
}

/** Returns the part of a shard in which its index is. */
function indexRange(shape: readonly number[], shard: ShardCodecs): ByteRange {
  const checksums = shard.indexCodecs.length * 4
  const count = sizeOf(chunksPerShard(shape, shard)) * 16 + checksums
  return { start: shard.indexAtStart ? 0 : undefined, count }
}

/** Reads the chunks of a shard that overlap a region of it. */
export async function readShard(
  read: (range: ByteRange) => Promise<Uint8Array | undefined>,
  shard: ShardCodecs,
  shape: readonly number[],
  format: ChunkFormat,
  isNeeded: (start: readonly number[]) => boolean,
): Promise<NDArray | undefined> {
  const found = await read(indexRange(shape, shard))
  if (found === undefined) return undefined
  const index = await decodeIndex(found, shard, format.where)
  const block = filledBlock(format.dtype, format.fillValue, shape)
  const { chunks, codecs } = shard
  const pending: Promise<void>[] = []
  forEachShardChunk(shape, shard, (start, i) => {
    const [position, count] = [
      index.getBigUint64(16 * i, true),
      index.getBigUint64(16 * i + 8, true),
    ]
    if (position === ABSENT || !isNeeded(start)) return
    const slices = chunks.map((size, axis) => ({ start: start[axis]!, step: 1, size }))
    const target = block.slice(slices)
    const copy = async () => {
      const bytes = await read({ start: Number(position), count: Number(count) })
      copyInto(target, await decodeChunk(bytes!, codecs, chunks, format))
    }
    pending.push(copy())
  })
  await Promise.all(pending)
  return block
}

async function decodeIndex(
  bytes: Uint8Array,
  shard: ShardCodecs,
  where: string,
): Promise<DataView> {
  const plain = await decodeBytes(bytes, shard.indexCodecs, where)
  return new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
}

function forEachShardChunk(
  shape: readonly number[],
  shard: ShardCodecs,
  visit: (start: readonly number[], index: number) => void,
): void {
  const grid = chunksPerShard(shape, shard).map((n) => new Array<number>(n).fill(1))
  let index = 0
  forEachBlock(grid, (at) => {
    visit(
      at.map((c, axis) => c * shard.chunks[axis]!),
      index++,
    )
  })
}

async function decodeShard(
  bytes: Uint8Array,
  codecs: ChunkCodecs,
  shard: ShardCodecs,
  shape: readonly number[],
  format: ChunkFormat,
): Promise<NDArray> {
  const plain = await decodeBytes(bytes, codecs.compressors, format.where)
  const read = async ({ start, count }: ByteRange) => {
    const first = start ?? plain.length - count
    return plain.subarray(first, first + count)
  }
  return (await readShard(read, shard, shape, format, () => true))!
}

async function encodeShard(
  block: NDArray,
  codecs: ChunkCodecs,
  shard: ShardCodecs,
  where: string,
): Promise<Uint8Array> {
  const { chunks, indexCodecs, indexAtStart } = shard
  const starts: (readonly number[])[] = []
  forEachShardChunk(block.shape, shard, (start) => starts.push(start))
  const encoded = await Promise.all(
    starts.map((start) => {
      const slices = chunks.map((size, axis) => ({ start: start[axis]!, step: 1, size }))
      return encodeChunk(block.slice(slices), shard.codecs, where)
    }),
  )
  let position = indexAtStart ? indexRange(block.shape, shard).count : 0
  const index = Buffer.alloc(16 * encoded.length)
  encoded.forEach((bytes, i) => {
    index.writeBigUInt64LE(BigInt(position), 16 * i)
    index.writeBigUInt64LE(BigInt(bytes.length), 16 * i + 8)
    position += bytes.length
  })
  const indexBytes = await encodeBytes(index, indexCodecs, where)
  const parts = indexAtStart ? [indexBytes, ...encoded] : [...encoded, indexBytes]
  return encodeBytes(Buffer.concat(parts), codecs.compressors, where)
}
