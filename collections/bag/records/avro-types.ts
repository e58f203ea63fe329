/** Types of Avro, by the package avsc: 64-bit integers, dates and decimals as this package has them everywhere. */
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'

/** A schema of Avro: the name of a type, or an object or a list, as in a JSON file of it. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | { readonly type: unknown; readonly [key: string]: unknown }

/** The part of avsc's types that is used. */
export interface AvroType {
  readonly typeName: string
  readonly fields?: readonly { readonly name: string }[]
  decode(
    bytes: Buffer,
    position: number,
    resolver?: unknown,
  ): { readonly value: unknown; readonly offset: number }
  createResolver(writer: AvroType): unknown
  toBuffer(value: unknown): Buffer
}

interface Avsc {
  readonly Type: { forSchema(schema: unknown, options: object): AvroType }
  readonly types: {
    readonly LongType: { __with(methods: object): unknown }
    readonly LogicalType: new (schema: object, options: object) => object
  }
}

const avsc = lazyPackage<Avsc>('avsc')

/**
 * Returns the type of a schema.
 *
 * @throws Error for a schema that Avro does not have.
 */
export function avroType(schema: unknown, operation: string): AvroType {
  const { Type, types } = loadOptional(avsc, 'avsc', operation)
  const { LogicalType } = types
  const long = types.LongType.__with({
    fromBuffer: (bytes: Buffer) => {
      const value = bytes.readBigInt64LE()
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : value
    },
    toBuffer: (value: number | bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(value))
      return bytes
    },
    fromJSON: Number,
    toJSON: Number,
    isValid: (value: unknown) =>
      typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value),
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
  })
  /** Times that are stored as a number of units since 1970, so many to a millisecond. */
  const timeOf = (perMillisecond: number) =>
    class extends LogicalType {
      _fromValue(value: number | bigint): Date {
        return new Date(Math.floor(Number(value) / perMillisecond))
      }
      _toValue(value: unknown): number | undefined {
        return value instanceof Date ? Math.round(value.getTime() * perMillisecond) : undefined
      }
    }
  class Decimal extends LogicalType {
    private readonly scale: number
    constructor(attributes: { readonly scale?: number }, options: object) {
      super(attributes, options)
      this.scale = attributes.scale ?? 0
    }
    _fromValue(bytes: Buffer): number {
      const digits = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
      return Number(`${BigInt.asIntN(bytes.length * 8, digits)}e${-this.scale}`)
    }
    _toValue(value: unknown): Buffer | undefined {
      if (typeof value !== 'number') return undefined
      const digits = BigInt(Math.round(value * 10 ** this.scale))
      // As many bytes as the greatest decimal of JavaScript's numbers needs.
      const bytes = Buffer.alloc(16)
      bytes.writeBigInt64BE(digits >> 64n, 0)
      bytes.writeBigInt64BE(BigInt.asIntN(64, digits), 8)
      return bytes
    }
  }
  return Type.forSchema(schema, {
    registry: { long },
    logicalTypes: {
      'timestamp-millis': timeOf(1),
      'timestamp-micros': timeOf(1000),
      date: timeOf(1 / 86_400_000),
      decimal: Decimal,
    },
  })
}

/** Makes plain objects of records, and values of unions whose branches are named. */
export function plainAvro(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(plainAvro)
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  const { unwrap } = value as { unwrap?: unknown }
  if (typeof unwrap === 'function' && !Object.hasOwn(value, 'unwrap'))
    return plainAvro((unwrap as () => unknown).call(value))
  const plain: Record<string, unknown> = {}
  for (const name of Object.keys(value)) plain[name] = plainAvro((value as typeof plain)[name])
  return plain
}
