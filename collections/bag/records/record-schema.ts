/** Schemas that check records, in the form that zod, valibot, arktype and others share (Standard Schema). */
import { describeValue } from '../../../core/base/describe-value.js'

/** A schema of a library that follows Standard Schema, version 1: https://standardschema.dev. */
export interface RecordSchema<Output = unknown> {
  /** What the standard defines. */
  readonly '~standard': {
    /** The version of the standard. */
    readonly version: 1
    /** The library. */
    readonly vendor: string
    /** Checks a value; returns the value, which may be another one, or what is wrong. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** The types of the values before and after; they exist for the compiler alone. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a schema returns for a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What is wrong with a value. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string
  /** The position in the value. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The function of a schema that checks a value. */
export type Validate = RecordSchema['~standard']['validate']

/** Returns the function of a schema that checks records. */
export function validateOf(schema: unknown, operation: string): Validate | undefined {
  if (schema === undefined) return undefined
  const standard = (schema as Partial<RecordSchema> | null)?.['~standard']
  if (typeof standard?.validate === 'function') return standard.validate
  throw new TypeError(
    `${operation}: the schema must follow Standard Schema, as those of zod and valibot do; got ${describeValue(schema)}`,
  )
}

/** Returns the checked value, or what is wrong with it. */
export function validated(
  validate: Validate,
  value: unknown,
): { readonly value: unknown } | { readonly reason: string } {
  const result = validate(value)
  if (result instanceof Promise) {
    throw new TypeError('the schema checks records asynchronously, which readers cannot wait for')
  }
  if (result.issues === undefined) return { value: (result as { value: unknown }).value }
  const [issue, ...others] = result.issues
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part))
  const where = path === undefined || path.length === 0 ? '' : `${path.join('.')}: `
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return { reason: `${where}${issue?.message ?? 'invalid'}${more}` }
}
