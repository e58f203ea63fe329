/**
 * Run-time checks of the fields of messages, and the types that tie them to the messages: a message
 * without a shape, or a required field without a kind, does not compile.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { Bundle } from './session-messages.js'

/** What a field of a message holds. */
type FieldKind =
  | 'number'
  | 'string'
  | 'boolean'
  | 'int32'
  | 'uint8'
  | 'float32'
  | 'float64'
  | 'list'
  | 'stored'
  | 'encoded'
  | 'bundles'
  | 'object'
  | 'any'

/** The kind by which a field of type `T` is checked. Fields that may be null are not checked here. */
type KindOf<T> = unknown extends T
  ? 'any'
  : [StoredValue] extends [T]
    ? 'stored'
    : null extends T
      ? 'any'
      : [T] extends [number]
        ? 'number'
        : [T] extends [string]
          ? 'string'
          : [T] extends [boolean]
            ? 'boolean'
            : [T] extends [Int32Array]
              ? 'int32'
              : [T] extends [Uint8Array]
                ? 'uint8'
                : [T] extends [Float32Array]
                  ? 'float32'
                  : [T] extends [Float64Array]
                    ? 'float64'
                    : [T] extends [readonly Bundle[]]
                      ? 'bundles'
                      : [T] extends [readonly unknown[]]
                        ? 'list'
                        : [T] extends [Encoded]
                          ? 'encoded'
                          : 'object'

/** The names of the fields that a message always has, without `op`. */
type RequiredField<M> = Exclude<
  { [F in keyof M]-?: object extends Pick<M, F> ? never : F }[keyof M],
  'op'
>

/** The shape of a message: the kind of each of its required fields. */
export type MessageShape<M> = { readonly [F in RequiredField<M>]: KindOf<M[F]> }

/** The shapes of all messages of a union, by `op`. */
export type ShapesOf<U extends { readonly op: string }> = {
  readonly [Op in U['op']]: MessageShape<Extract<U, { readonly op: Op }>>
}

/** The kinds of some fields, by name. */
export type FieldKinds = Readonly<Record<string, FieldKind>>

/** Shapes of messages by `op`, whatever union they belong to. */
export type MessageShapes = Readonly<Record<string, FieldKinds>>

/** Whether a value is a message that has the fields its `op` requires. */
export function matchesShape(message: unknown, shapes: MessageShapes): boolean {
  if (typeof message !== 'object' || message === null) return false
  const { op } = message as Record<string, unknown>
  if (typeof op !== 'string' || !Object.hasOwn(shapes, op)) return false
  return hasFields(message, shapes[op]!)
}

/** Whether an object has fields of these kinds. */
export function hasFields(message: object, kinds: FieldKinds): boolean {
  const fields = message as Record<string, unknown>
  for (const name in kinds) if (!checks[kinds[name]!](fields[name])) return false
  return true
}

const checks: Record<FieldKind, (value: unknown) => boolean> = {
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  int32: (value) => value instanceof Int32Array,
  uint8: (value) => value instanceof Uint8Array,
  float32: (value) => value instanceof Float32Array,
  float64: (value) => value instanceof Float64Array,
  list: (value) => Array.isArray(value),
  stored: isStored,
  encoded: isEncodedBytes,
  bundles: (value) =>
    Array.isArray(value) &&
    value.every(
      (item) => Array.isArray(item) && typeof item[0] === 'string' && isEncodedBytes(item[1]),
    ),
  object: (value) => typeof value === 'object' && value !== null,
  any: () => true,
}

/** Whether a value has the form of a stored value: a primitive or encoded bytes. */
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
