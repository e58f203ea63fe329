/**
 * Answers the requests of `bridge.py`: calls functions of `da` and keeps the arrays they return.
 * A request and its answer are one line of JSON each, on standard input and output.
 *
 * Values: `{ a: id }` is an array, `{ n: text }` a number that JSON lacks, `{ i: text }` a large integer,
 * `{ c: [re, im] }` a complex number, `{ o: {...} }` options; the rest is plain JSON.
 */
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { compute, da, getSync, getThreads, setGet } = await import(
  pathToFileURL(process.argv[2]).href
)
setGet(process.argv[3] === 'threads' ? getThreads : getSync)

const arrays = new Map()
let nextId = 1

/** Finds a function or namespace by its dotted name: `linalg.svd`. */
const find = (name) => name.split('.').reduce((at, part) => at?.[part], da)

const decode = (value) => {
  if (Array.isArray(value)) return value.map(decode)
  if (value === null || typeof value !== 'object') return value
  if ('a' in value) return arrays.get(value.a)
  if ('n' in value) return Number(value.n)
  if ('i' in value) return BigInt(value.i)
  if ('c' in value) return { re: decode(value.c[0]), im: decode(value.c[1]) }
  return Object.fromEntries(Object.entries(value.o).map(([key, item]) => [key, decode(item)]))
}

const encodeNumber = (value) =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { n: Object.is(value, -0) ? '-0' : String(value) }

const keep = async (given) => {
  const array = given.shape.some(Number.isNaN) ? await given.computeChunkSizes() : given
  const id = nextId++
  arrays.set(id, array)
  return { a: id, shape: array.shape, dtype: array.dtype }
}

const encode = async (value) => {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'bigint') return { i: String(value) }
  if (typeof value !== 'object') return value
  if (value instanceof da.Array) return keep(value)
  if (value instanceof da.NDArray) return encode(value.toArray())
  if (Array.isArray(value)) return Promise.all(value.map(encode))
  if ('re' in value && 'im' in value) return { c: [encodeNumber(value.re), encodeNumber(value.im)] }
  const entries = Object.entries(value).map(async ([key, item]) => [key, await encode(item)])
  return { o: Object.fromEntries(await Promise.all(entries)) }
}

/** An array of nested lists, which JavaScript's plain values could not describe without the dtype. */
const asarray = ({ values, shape, dtype }) => {
  const flat = decode(values)
  const isFloat = dtype.startsWith('float')
  const elements = isFloat ? withSignedNaN(values, flat, dtype) : flat
  const array =
    flat.length === 0 ? da.zeros([0], { dtype }) : da.fromArray(elements, { dtype, chunks: 2 })
  return array.reshape(shape)
}

/** Numbers as a typed array, in which NaN keeps the sign that it has in a request. */
const withSignedNaN = (values, flat, dtype) => {
  const size = dtype === 'float32' ? 4 : 8
  const elements = size === 4 ? Float32Array.from(flat) : Float64Array.from(flat)
  const bytes = new Uint8Array(elements.buffer)
  values.forEach((value, i) => {
    if (value?.n === '-NaN') bytes[(i + 1) * size - 1] |= 0x80
  })
  return elements
}

const operations = {
  names: () =>
    ['', 'linalg.', 'fft.'].flatMap((prefix) =>
      Object.keys(prefix === '' ? da : (find(prefix.slice(0, -1)) ?? {})).map(
        (name) => prefix + name,
      ),
    ),
  call: ({ name, args }) => find(name)(...args.map(decode)),
  method: ({ name, args: [self, ...rest] }) => decode(self)[name](...rest.map(decode)),
  property: ({ name, args: [self] }) => decode(self)[name],
  asarray,
  values: async ({ args: [self] }) => (await compute(decode(self)))[0],
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  for (const id of request.free ?? []) arrays.delete(id)
  let answer
  try {
    answer = { value: await encode(await operations[request.op](request)) }
  } catch (error) {
    answer = { error: error.name, message: error.message }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
