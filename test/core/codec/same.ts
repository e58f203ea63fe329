/**
 * Whether two values are the same in every way the codec promises to keep: types, prototypes, signs
 * of zero, holes, the order of keys, what is enumerable in an error, and which parts are one and the
 * same object. Written apart from the codec; gives where they differ, or undefined.
 */
export function difference(a: unknown, b: unknown): string | undefined {
  const pairs = new Map<object, object>()
  const reverse = new Map<object, object>()
  const work: [unknown, unknown, string][] = [[a, b, 'value']]
  while (work.length > 0) {
    const [x, y, at] = work.pop()!
    if (typeof x !== typeof y) return `${at}: ${typeof x} and ${typeof y}`
    if (typeof x !== 'object' || x === null || y === null) {
      if (!Object.is(x, y)) return `${at}: ${String(x)} and ${String(y)}`
      continue
    }
    const other = y as object
    if (pairs.has(x) || reverse.has(other)) {
      if (pairs.get(x) !== other || reverse.get(other) !== x) return `${at}: shared differently`
      continue
    }
    pairs.set(x, other)
    reverse.set(other, x)
    const found = compare(x, other, at, work)
    if (found !== undefined) return found
  }
  return undefined
}

function compare(
  x: object,
  y: object,
  at: string,
  work: [unknown, unknown, string][],
): string | undefined {
  if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return `${at}: prototypes differ`
  if (Object.prototype.toString.call(x) !== Object.prototype.toString.call(y))
    return `${at}: built-in types differ`
  if (ArrayBuffer.isView(x)) return sameBytes(bytesOf(x), bytesOf(y as ArrayBufferView), at)
  if (x instanceof ArrayBuffer || x instanceof SharedArrayBuffer)
    return sameBytes(new Uint8Array(x), new Uint8Array(y as ArrayBuffer), at)
  if (x instanceof Date && !Object.is(x.getTime(), (y as Date).getTime()))
    return `${at}: dates differ`
  if (x instanceof RegExp) {
    const other = y as RegExp
    if (String(x) !== String(other) || x.lastIndex !== other.lastIndex)
      return `${at}: regular expressions differ`
  }
  if (x instanceof URL && x.href !== (y as URL).href) return `${at}: URLs differ`
  if (x instanceof URLSearchParams && String(x) !== String(y)) return `${at}: parameters differ`
  if (x instanceof Number || x instanceof String || x instanceof Boolean)
    work.push([x.valueOf(), (y as unknown as number).valueOf(), `${at}.valueOf()`])
  if (x instanceof BigInt || x instanceof Symbol)
    work.push([x.valueOf(), (y as unknown as symbol).valueOf(), `${at}.valueOf()`])
  if (x instanceof Map || x instanceof Set) {
    const [p, q] = [[...x].flat(), [...(y as Map<unknown, unknown>)].flat()]
    if (p.length !== q.length) return `${at}: sizes differ`
    for (let i = 0; i < p.length; i++) work.push([p[i], q[i], `${at}<${i}>`])
  }
  return compareProperties(x, y, at, work)
}

function compareProperties(
  x: object,
  y: object,
  at: string,
  work: [unknown, unknown, string][],
): string | undefined {
  // Where an error's own properties stand among each other is V8's affair.
  const sorted = x instanceof Error
  const [p, q] = [keysOf(x, sorted), keysOf(y, sorted)]
  if (p.length !== q.length || p.some((key, i) => key !== q[i]))
    return `${at}: keys ${p.map(String).join()} and ${q.map(String).join()}`
  for (const key of p) {
    const [d, e] = [
      Object.getOwnPropertyDescriptor(x, key)!,
      Object.getOwnPropertyDescriptor(y, key)!,
    ]
    if (d.enumerable !== e.enumerable) return `${at}.${String(key)}: only one is enumerable`
    const value: unknown = (x as Record<PropertyKey, unknown>)[key]
    work.push([value, (y as Record<PropertyKey, unknown>)[key], `${at}.${String(key)}`])
  }
  return undefined
}

function keysOf(object: object, sorted: boolean): PropertyKey[] {
  const keys = Reflect.ownKeys(object)
  return sorted ? keys.sort((a, b) => (String(a) < String(b) ? -1 : 1)) : keys
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function sameBytes(a: Uint8Array, b: Uint8Array, at: string): string | undefined {
  if (a.length !== b.length) return `${at}: ${a.length} and ${b.length} bytes`
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return `${at}: byte ${i} differs`
  return undefined
}
