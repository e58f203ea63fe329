/** Run-time checks of the fields of messages. */

/** What a field of a message holds. */
export type FieldKind =
  | 'number'
  | 'text'
  | 'flag'
  | 'int32'
  | 'uint8'
  | 'float32'
  | 'float64'
  | 'list'
  | 'value'
  | 'encoded'
  | 'bundles'
  | 'object'
  | 'any'

/** For each `op` the fields of its messages. */
export type MessageShapes = Readonly<Record<string, Readonly<Record<string, FieldKind>>>>

/** Whether a message has the fields that its `op` promises. */
export function fits(message: unknown, shapes: MessageShapes): boolean {
  if (typeof message !== 'object' || message === null) return false
  const fields = message as Record<string, unknown>
  const { op } = fields
  if (typeof op !== 'string' || !Object.hasOwn(shapes, op)) return false
  const shape = shapes[op]!
  for (const name in shape) if (!checks[shape[name]!](fields[name])) return false
  return true
}

const checks: Record<FieldKind, (value: unknown) => boolean> = {
  number: (value) => typeof value === 'number',
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  int32: (value) => value instanceof Int32Array,
  uint8: (value) => value instanceof Uint8Array,
  float32: (value) => value instanceof Float32Array,
  float64: (value) => value instanceof Float64Array,
  list: (value) => Array.isArray(value),
  value: isStored,
  encoded: isEncodedBytes,
  bundles: (value) =>
    Array.isArray(value) &&
    value.every(
      (item) => Array.isArray(item) && typeof item[0] === 'string' && isEncodedBytes(item[1]),
    ),
  object: (value) => typeof value === 'object' && value !== null,
  any: () => true,
}

/** Whether a value is one at rest: a primitive or encoded bytes. */
export function isStored(value: unknown): boolean {
  return typeof value !== 'object' || value === null || isEncodedBytes(value)
}

function isEncodedBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { head, buffers, bundles } = value as Record<string, unknown>
  return (
    head instanceof Uint8Array &&
    Array.isArray(buffers) &&
    buffers.every((buffer) => buffer instanceof Uint8Array) &&
    Array.isArray(bundles) &&
    bundles.every((token) => typeof token === 'string')
  )
}
