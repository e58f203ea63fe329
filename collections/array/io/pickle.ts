/**
 * The part of Python's pickle format that the `info` file of an npy stack is written in: dictionaries, tuples,
 * integers, strings and NumPy's dtypes. Nothing that a file names is called.
 */

/** A pickled value. NumPy's dtypes become their code; they are written as `{ dtype: code }`. */
type Pickled =
  | number
  | string
  | boolean
  | null
  | readonly Pickled[]
  | { readonly [key: string]: Pickled }

const mark = Symbol('mark')
const dtypeGlobal = Symbol('numpy.dtype')

/**
 * Reads a pickle.
 * @throws TypeError for anything but plain data and dtypes.
 */
export function readPickle(bytes: Buffer, path: string): unknown {
  const stack: unknown[] = []
  const memo = new Map<number, unknown>()
  let at = 0
  const take = (count: number): Buffer => {
    at += count
    if (at > bytes.length) throw new TypeError(`'${path}' ends within a pickle`)
    return bytes.subarray(at - count, at)
  }
  const line = (): string => {
    const end = bytes.indexOf(10, at)
    return take((end < 0 ? bytes.length + 1 : end + 1) - at)
      .toString('latin1')
      .trimEnd()
  }
  const popToMark = (): unknown[] => stack.splice(stack.lastIndexOf(mark)).slice(1)
  const setItems = (items: readonly unknown[]): void => {
    const target = stack.at(-1) as Record<string, unknown>
    for (let i = 0; i < items.length; i += 2) target[String(items[i])] = items[i + 1]
  }
  const global = (name: string): symbol => {
    if (/^numpy(\.[\w.]+)? dtype$/.test(name)) return dtypeGlobal
    throw new TypeError(
      `'${path}' names ${name}, which is not read; only plain data and dtypes are`,
    )
  }
  const long = (count: number): number => {
    let value = 0n
    take(count).forEach((byte, i) => {
      value |= BigInt(byte) << BigInt(8 * i)
    })
    return Number(BigInt.asIntN(8 * count, value))
  }
  const put = (index: number): void => void memo.set(index, stack.at(-1))
  const operations: Readonly<Record<string, () => void>> = {
    '\x80': () => take(1),
    '\x95': () => take(8),
    '\x94': () => put(memo.size),
    q: () => put(take(1)[0]!),
    r: () => put(take(4).readUInt32LE()),
    h: () => stack.push(memo.get(take(1)[0]!)),
    j: () => stack.push(memo.get(take(4).readUInt32LE())),
    '(': () => stack.push(mark),
    '}': () => stack.push({}),
    ')': () => stack.push([]),
    ']': () => stack.push([]),
    t: () => stack.push(popToMark()),
    '\x85': () => stack.push(stack.splice(-1)),
    '\x86': () => stack.push(stack.splice(-2)),
    '\x87': () => stack.push(stack.splice(-3)),
    a: () => (stack.at(-2) as unknown[]).push(stack.pop()),
    e: () => {
      const items = popToMark()
      ;(stack.at(-1) as unknown[]).push(...items)
    },
    s: () => setItems(stack.splice(-2)),
    u: () => setItems(popToMark()),
    K: () => stack.push(take(1)[0]),
    M: () => stack.push(take(2).readUInt16LE()),
    J: () => stack.push(take(4).readInt32LE()),
    '\x8a': () => stack.push(long(take(1)[0]!)),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    X: () => stack.push(take(take(4).readUInt32LE()).toString('utf8')),
    '\x8c': () => stack.push(take(take(1)[0]!).toString('utf8')),
    U: () => stack.push(take(take(1)[0]!).toString('latin1')),
    c: () => stack.push(global(`${line()} ${line()}`)),
    '\x93': () => stack.push(global(stack.splice(-2).join(' '))),
    R: () => {
      const [callee, args] = stack.splice(-2) as [unknown, readonly unknown[]]
      if (callee !== dtypeGlobal)
        throw new TypeError(`'${path}' calls something, which is not done`)
      stack.push(args[0])
    },
    // The state of a dtype is its byte order, which the files of the stack name as well.
    b: () => stack.pop(),
  }
  for (;;) {
    const code = String.fromCharCode(take(1)[0]!)
    if (code === '.') return stack.pop()
    const operation = Object.hasOwn(operations, code) ? operations[code] : undefined
    if (operation === undefined) {
      throw new TypeError(
        `'${path}' is a pickle with operation 0x${code.charCodeAt(0).toString(16)}, which is not read`,
      )
    }
    operation()
  }
}

/** Writes a pickle that any Python reads: lists become tuples, `{ dtype: '<f8' }` a dtype of NumPy. */
export function writePickle(value: Pickled): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), ...pickleParts(value), Buffer.from('.')])
}

function pickleParts(value: Pickled): Buffer[] {
  if (typeof value === 'number') return [pickledInteger(value)]
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    const head = Buffer.alloc(5, 'X')
    head.writeUInt32LE(text.length, 1)
    return [head, text]
  }
  if (Array.isArray(value)) {
    return [
      Buffer.from('('),
      ...(value as readonly Pickled[]).flatMap(pickleParts),
      Buffer.from('t'),
    ]
  }
  if (typeof value !== 'object' || value === null) {
    return [Buffer.from(value === null ? 'N' : value ? '\x88' : '\x89', 'latin1')]
  }
  const { dtype, ...rest } = value as { readonly [key: string]: Pickled }
  if (typeof dtype === 'string' && Object.keys(rest).length === 0) {
    return [Buffer.from('cnumpy\ndtype\n'), ...pickleParts(dtype), Buffer.from('\x85R', 'latin1')]
  }
  const items = Object.entries(value).flatMap(([key, item]) => [
    ...pickleParts(key),
    ...pickleParts(item),
  ])
  return [Buffer.from('}('), ...items, Buffer.from('u')]
}

/** An integer as LONG1: 8 bytes, whatever its size. */
function pickledInteger(value: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.writeUInt16LE(0x088a)
  bytes.writeBigInt64LE(BigInt(value), 2)
  return bytes
}
