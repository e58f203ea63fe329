/**
 * Writing of arrays: as columns if their elements are of one kind, otherwise element by element;
 * with their holes and their extra properties.
 */

import { Kind } from '../bytes/tags.js'
import type { ValueEncoder } from '../interfaces.js'
import { arrayExtras, isIndex, writeWithExtras } from '../objects/own-extras.js'
import { writeProperties } from '../objects/properties.js'
import { writeAsBatch } from './batches.js'
import { writeColumn } from './columns.js'

/** Arrays of at least this many elements are tried as columns. */
const COLUMNS_FROM = 16
const SPARSE_FROM = 1024

/** Writes an array for the first time. */
export function writeArray(encoder: ValueEncoder, array: readonly unknown[]): void {
  const extras = arrayExtras(array)
  if (extras.length === 0) writeArrayElements(encoder, array)
  else writeWithExtras(encoder, array, extras, () => writeArrayElements(encoder, array))
}

/** Writes the elements of an array, without extra properties. */
export function writeArrayElements(encoder: ValueEncoder, array: readonly unknown[]): void {
  const n = array.length
  if (n >= SPARSE_FROM && isSparse(array)) writeSparse(encoder, array)
  else if (n < COLUMNS_FROM || !writeAsColumns(encoder, array)) {
    encoder.writer.arrayHeader(n)
    encoder.writeElements(array)
  }
}

function writeSparse(encoder: ValueEncoder, array: readonly unknown[]): void {
  encoder.writer.kind(Kind.SPARSE_ARRAY)
  encoder.writer.uint(array.length)
  writeProperties(encoder, array, Object.keys(array).filter(isIndex))
}

function writeAsColumns(encoder: ValueEncoder, array: readonly unknown[]): boolean {
  const first = array[0]
  if (typeof first === 'number' || typeof first === 'string' || typeof first === 'boolean')
    return writeScalars(encoder, array)
  return writeAsBatch(encoder, array)
}

function writeScalars({ writer }: ValueEncoder, array: readonly unknown[]): boolean {
  const last = array[array.length - 1]
  if (last !== null && typeof last !== typeof array[0]) return false
  // A hole reads as undefined, so arrays with holes or undefined are written element by element.
  if (array.includes(undefined)) return false
  const start = writer.pos
  writer.kind(Kind.COLUMN)
  writer.uint(array.length)
  if (writeColumn(writer, array)) return true
  writer.pos = start
  return false
}

/** Whether more elements are missing than present. Counted only if a sample shows a hole. */
function isSparse(array: readonly unknown[]): boolean {
  const step = array.length / 32
  for (let i = 0; i < 32; i++)
    if (!(Math.floor(i * step) in array)) return Object.keys(array).length * 2 < array.length
  return false
}
