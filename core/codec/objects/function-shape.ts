/**
 * What a function is made of, as bytes. The values that it captured come apart from the rest, after
 * everything else, so that functions that need one another all exist before they are completed.
 */

import { Located } from '../../functions/modules/relocatable.js'
import { writtenName } from '../../functions/source/reserved-names.js'
import type { BoundDescription, SourceDescription, SourceShape } from '../../functions/types.js'
import type { Reader } from '../bytes/reader.js'
import { Kind } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'
import type { ValueEncoder } from '../interfaces.js'

/** Writes what a function is made of, and how many values it has. */
export function writeShape(writer: Writer, shape: SourceShape): void {
  writer.kind(Kind.FUNCTION_SOURCE)
  writer.string(shape.source)
  writer.string(shape.name)
  writer.string(shape.form)
  writer.u8(shape.strict ? 1 : 0)
  writer.string(shape.origin?.file ?? '')
  writer.uint(shape.origin?.line ?? 0)
  writer.uint(shape.origin?.column ?? 0)
  writer.uint(shape.captureNames.length)
  for (const name of shape.captureNames) writer.string(name)
  writer.uint(shape.propertyNames.length)
}

/** Writes the values of a function, in the order of their names. */
export function writeCaptures(encoder: ValueEncoder, description: SourceDescription): void {
  const { captureNames, captures, propertyNames, properties } = description
  for (const [i, name] of captureNames.entries()) {
    const value = captures[i]
    encoder.child(writtenName(name), value instanceof Located ? value.value : value)
  }
  for (const [i, name] of propertyNames.entries()) {
    encoder.value(name)
    encoder.child(name, properties[i])
  }
}

/** Writes a bound function, which can only be made whole. */
export function writeBound(encoder: ValueEncoder, description: BoundDescription): void {
  const { target, boundThis, boundArgs, properties } = description
  encoder.writer.kind(Kind.FUNCTION_BOUND)
  encoder.child('(target)', target)
  encoder.child('(this)', boundThis)
  encoder.child('(arguments)', boundArgs)
  encoder.child('(properties)', properties)
}

/** Reads what `writeShape` wrote; the names of properties come with their values. */
export function readShape(reader: Reader): { shape: SourceShape; properties: number } {
  const [source, name, form] = [reader.text(), reader.text(), reader.text()]
  const strict = reader.u8() === 1
  const [file, line, column] = [reader.text(), reader.uint(), reader.uint()]
  const captureNames: string[] = []
  for (let n = reader.count(); n > 0; n--) captureNames.push(reader.text())
  const shape: SourceShape = {
    kind: 'source',
    source,
    name,
    form: form as SourceShape['form'],
    strict,
    captureNames,
    propertyNames: [],
    origin: file === '' ? undefined : { file, line, column },
  }
  return { shape, properties: reader.count() }
}
