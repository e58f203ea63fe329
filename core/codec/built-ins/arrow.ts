/**
 * Apache Arrow tables, record batches, vectors and schemas, split into their buffers.
 *
 * They are sent as their parts and not as an IPC stream: their buffers are sent out of band like
 * any typed array, without copies, and the sender need not load the library, which is slow. The
 * receiver imports it beforehand, because the value names it.
 */
import { Described } from '../bytes/token-holder.js'
import { registerType } from '../objects/registered-types.js'

/** The part of the library that is used here. */
interface Arrow {
  readonly Data: new (...args: unknown[]) => object
  readonly Field: new (...args: unknown[]) => object
  readonly Schema: new (...args: unknown[]) => object
  readonly Vector: new (data: unknown[]) => object
  readonly RecordBatch: new (...args: unknown[]) => object
  readonly Table: new (...args: unknown[]) => object
}

interface ArrowField {
  readonly name: string
  readonly type: object
  readonly nullable: boolean
  readonly metadata: ReadonlyMap<string, string>
}

interface ArrowSchema {
  readonly fields: readonly ArrowField[]
  readonly metadata: ReadonlyMap<string, string>
  readonly metadataVersion: number
}

interface ArrowData {
  readonly type: object
  readonly offset: number
  readonly length: number
  readonly _nullCount: number
  readonly buffers: readonly unknown[]
  /** The library puts vectors among the children of a batch that it creates without rows. */
  readonly children: readonly (ArrowData | ArrowVector)[]
  readonly dictionary?: ArrowVector
  readonly variadicBuffers?: readonly unknown[]
}

interface ArrowVector {
  readonly data: readonly ArrowData[]
}

interface ArrowBatch {
  readonly schema: ArrowSchema
  readonly data: ArrowData
  readonly metadata?: ReadonlyMap<string, string>
}

interface ArrowTable {
  readonly schema: ArrowSchema
  readonly batches: readonly ArrowBatch[]
}

const KINDS = ['Table', 'RecordBatch', 'Vector', 'Schema'] as const
type ArrowKind = (typeof KINDS)[number]

/** The symbols that mark objects of the library, whichever copy of the library created them. */
const markers = KINDS.map((kind) => [kind, Symbol.for(`apache-arrow/${kind}`)] as const)

function kindOf(object: object): ArrowKind | undefined {
  for (const [kind, marker] of markers)
    if ((object as Record<symbol, unknown>)[marker] === true) return kind
  return undefined
}

/** The parts of a value; `arrow` is decoded to the library itself. */
interface Payload {
  readonly arrow: Described | Arrow
  readonly kind: ArrowKind
  readonly parts: unknown
}

const library = new Described({ kind: 'module', specifier: 'apache-arrow', path: [] })

/** Registers Arrow's types. */
export function registerArrow(): void {
  registerType<object, Payload>('apache-arrow', {
    test: (object) => kindOf(object) !== undefined,
    builtIns: false,
    encode(object) {
      const kind = kindOf(object)!
      return { arrow: library, kind, parts: split(kind, object) }
    },
    decode: ({ arrow, kind, parts }) => new Builder(arrow as Arrow).build(kind, parts),
  })
}

function split(kind: ArrowKind, object: object): unknown {
  if (kind === 'Table') {
    const { schema, batches } = object as ArrowTable
    return [schemaParts(schema), batches.map(({ data }) => dataParts(data))]
  }
  if (kind === 'RecordBatch') {
    const { schema, data, metadata } = object as ArrowBatch
    return [schemaParts(schema), dataParts(data), metadata]
  }
  if (kind === 'Vector') return (object as ArrowVector).data.map(dataParts)
  return schemaParts(object as ArrowSchema)
}

type FieldParts = [string, unknown, boolean, ReadonlyMap<string, string>]
type SchemaParts = [FieldParts[], ReadonlyMap<string, string>, number]
type TypeParts = [className: string, properties: [string, unknown][]]
type DataParts = [TypeParts, number, number, number, unknown[], unknown[], unknown, unknown[]]

function schemaParts({ fields, metadata, metadataVersion }: ArrowSchema): SchemaParts {
  return [fields.map(fieldParts), metadata, metadataVersion]
}

function fieldParts({ name, type, nullable, metadata }: ArrowField): FieldParts {
  return [name, typeParts(type), nullable, metadata]
}

/**
 * Returns the parts of a data type: its class and its own properties, some of which are types or
 * fields.
 */
function typeParts(type: object): TypeParts {
  const properties = Object.entries(type).map(([name, value]): [string, unknown] => {
    if (name === 'children' && Array.isArray(value))
      return [name, (value as ArrowField[]).map(fieldParts)]
    if (name === 'indices' || name === 'dictionary') return [name, typeParts(value as object)]
    return [name, value]
  })
  return [type.constructor.name, properties]
}

/** Batches share dictionaries, so the parts of a dictionary are always the same object. */
const dictionaries = new WeakMap<ArrowVector, DataParts[]>()

function dictionaryParts(dictionary: ArrowVector): DataParts[] {
  let parts = dictionaries.get(dictionary)
  if (parts === undefined) {
    parts = dictionary.data.map(dataParts)
    dictionaries.set(dictionary, parts)
  }
  return parts
}

function dataParts(data: ArrowData): DataParts {
  const { type, offset, length, _nullCount, buffers, children, dictionary, variadicBuffers } = data
  return [
    typeParts(type),
    offset,
    length,
    _nullCount,
    [...buffers],
    children.map((child) => dataParts('buffers' in child ? child : child.data[0]!)),
    dictionary === undefined ? undefined : dictionaryParts(dictionary),
    [...(variadicBuffers ?? [])],
  ]
}

/** Builds values from their parts with the receiver's copy of the library. */
class Builder {
  private readonly arrow: Arrow
  /** The library's classes by their own names; some are exported under other names. */
  private readonly classes = new Map<string, { readonly prototype: object }>()
  private readonly dictionaries = new Map<unknown, object>()

  constructor(arrow: Arrow) {
    this.arrow = arrow
    for (const value of Object.values(arrow))
      if (typeof value === 'function') this.classes.set(value.name, value)
  }

  build(kind: ArrowKind, parts: unknown): object {
    if (kind === 'Schema') return this.schema(parts as SchemaParts)
    if (kind === 'Vector') return this.vector(parts as DataParts[])
    if (kind === 'RecordBatch') {
      const [schema, data, metadata] = parts as [SchemaParts, DataParts, unknown]
      return new this.arrow.RecordBatch(this.schema(schema), this.data(data), metadata ?? new Map())
    }
    const [schemaOf, batches] = parts as [SchemaParts, DataParts[]]
    const schema = this.schema(schemaOf)
    const built = batches.map((data) => new this.arrow.RecordBatch(schema, this.data(data)))
    return new this.arrow.Table(schema, built)
  }

  private schema([fields, metadata, version]: SchemaParts): object {
    const built = fields.map((field) => this.field(field))
    return new this.arrow.Schema(built, metadata, undefined, version)
  }

  private field([name, type, nullable, metadata]: FieldParts): object {
    return new this.arrow.Field(name, this.type(type as TypeParts), nullable, metadata)
  }

  private type([className, properties]: TypeParts): object {
    const found = this.classes.get(className)
    if (found === undefined)
      throw new Error(`apache-arrow has no type ${className} here; is it another version?`)
    const type = Object.create(found.prototype) as Record<string, unknown>
    for (const [name, value] of properties) {
      if (name === 'children' && Array.isArray(value))
        type[name] = (value as FieldParts[]).map((field) => this.field(field))
      else if (name === 'indices' || name === 'dictionary')
        type[name] = this.type(value as TypeParts)
      else type[name] = value
    }
    return type
  }

  private data(parts: DataParts): object {
    const [type, offset, length, nullCount, buffers, children, dictionary, variadic] = parts
    return new this.arrow.Data(
      this.type(type),
      offset,
      length,
      nullCount,
      buffers,
      (children as DataParts[]).map((child) => this.data(child)),
      dictionary === undefined ? undefined : this.dictionary(dictionary as DataParts[]),
      variadic,
    )
  }

  private dictionary(parts: DataParts[]): object {
    let dictionary = this.dictionaries.get(parts)
    if (dictionary === undefined) {
      dictionary = this.vector(parts)
      this.dictionaries.set(parts, dictionary)
    }
    return dictionary
  }

  private vector(data: readonly DataParts[]): object {
    return new this.arrow.Vector(data.map((part) => this.data(part)))
  }
}
