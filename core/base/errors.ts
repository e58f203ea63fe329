/**
 * The errors of the core. Each has a literal `code` and the facts it is about as typed fields.
 *
 * Every user mistake throws one of these (or a RangeError or TypeError for a plain wrong argument) at
 * the call that contains it. A failed task is a `TaskError`, whatever ran it.
 */
import { inspect } from 'node:util'

/**
 * The error class of each code. Modules that define further errors add theirs by declaration merging,
 * as `distributed/base/errors.ts` does.
 */
export interface SkeinErrorsByCode {
  BAD_FUNCTION: SkeinError & { readonly code: 'BAD_FUNCTION' }
  BAD_GRAPH: GraphError
  BUNDLED: SkeinError & { readonly code: 'BUNDLED' }
  CANCELLED: CancelledError
  CYCLE: CycleError
  DECODE: DecodeError
  KEY_CONFLICT: KeyConflictError
  MISSING_EXPORT: MissingPackageError
  MISSING_FILE: SkeinError & { readonly code: 'MISSING_FILE' }
  MISSING_KEY: MissingKeyError
  MISSING_PACKAGE: MissingPackageError
  NOT_PORTABLE: NotPortableError
  OPEN_FILES: SkeinError & { readonly code: 'OPEN_FILES' }
  PACKAGE_FAILED: MissingPackageError
  TASK_FAILED: TaskError
  TIMEOUT: TimeoutError
}

/** The code of an error of this package. */
export type SkeinErrorCode = keyof SkeinErrorsByCode

/** The base class of every error that Skein throws on purpose; `code` tells them apart. */
export class SkeinError extends Error {
  /** Tells the classes of errors apart. */
  readonly code: SkeinErrorCode
  /** Made by Skein only. */
  constructor(code: SkeinErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
  override get name(): string {
    return this.constructor.name
  }
}

/** Tasks that depend on each other in a cycle; `cycle` lists the keys, the first one repeated last. */
export class CycleError extends SkeinError {
  declare readonly code: 'CYCLE'
  readonly cycle: readonly string[]
  constructor(cycle: readonly string[]) {
    super('CYCLE', `The graph has a cycle: ${cycle.map(quote).join(' -> ')}`)
    this.cycle = cycle
  }
}

/** A key that was requested or referred to, but is not in the graph. */
export class MissingKeyError extends SkeinError {
  declare readonly code: 'MISSING_KEY'
  readonly key: string
  constructor(key: string, detail: string) {
    super('MISSING_KEY', `Key ${quote(key)} is not in the graph: ${detail}`)
    this.key = key
  }
}

/** A graph, or a request for keys, in a form that a `get` does not accept. */
export class GraphError extends SkeinError {
  declare readonly code: 'BAD_GRAPH'
  constructor(message: string) {
    super('BAD_GRAPH', message)
  }
}

/** Two different definitions of one key. */
export class KeyConflictError extends SkeinError {
  declare readonly code: 'KEY_CONFLICT'
  readonly key: string
  constructor(key: string) {
    super(
      'KEY_CONFLICT',
      `Key ${quote(key)} is defined twice, in different ways; rename one of them`,
    )
    this.key = key
  }
}

/** A function or value that cannot be sent to another thread or process; `path` leads to it. */
export class NotPortableError extends SkeinError {
  declare readonly code: 'NOT_PORTABLE'
  readonly path: readonly string[]
  readonly reason: string
  constructor(path: readonly string[], reason: string) {
    super(
      'NOT_PORTABLE',
      `Cannot send ${path.join(' -> ') || 'this value'} to another thread or process: ${reason}`,
    )
    this.path = path
    this.reason = reason
  }
}

/** The machine that sent or received a function, with the version of the package installed there, if any. */
export interface PackageSide {
  readonly node: string
  readonly host: string
  readonly version?: string | undefined
}

/**
 * An import of a function that was sent, which fails where the function runs. `here` is the side that
 * runs it, `sender` the side it came from. The code is `MISSING_PACKAGE`, `MISSING_EXPORT`, or
 * `PACKAGE_FAILED` for a package that is installed but cannot be loaded.
 */
export class MissingPackageError extends SkeinError {
  declare readonly code: 'MISSING_PACKAGE' | 'MISSING_EXPORT' | 'PACKAGE_FAILED'
  readonly specifier: string
  readonly here: PackageSide
  readonly sender: PackageSide | undefined
  constructor(
    code: 'MISSING_PACKAGE' | 'MISSING_EXPORT' | 'PACKAGE_FAILED',
    message: string,
    facts: { specifier: string; here: PackageSide; sender: PackageSide | undefined },
    options?: { cause?: unknown },
  ) {
    super(code, message, options)
    this.specifier = facts.specifier
    this.here = facts.here
    this.sender = facts.sender
  }
}

/** Bytes that the codec did not write. */
export class DecodeError extends SkeinError {
  declare readonly code: 'DECODE'
  constructor(message: string, options?: { cause?: unknown }) {
    super('DECODE', message, options)
  }
}

/** The property of a thrown error that says which item failed, as a string; `TaskError` shows it. */
export const failedItem = Symbol.for('skein.failedItem')

/** A task that failed. */
export class TaskError extends SkeinError {
  declare readonly code: 'TASK_FAILED'
  /** The key of the task. */
  readonly key: string
  /** The index of the failed operation in a fused chain. */
  readonly step: number
  readonly operation: string
  /** Where the operation was added; for a graph written by hand, where the graph was run. */
  readonly site: string | undefined
  /** `cause` is the thrown value. */
  constructor(
    facts: {
      key: string
      step: number
      operation: string
      site?: string | undefined
      /** Whether `site` is where the graph was run; the message then leaves it out. */
      isRun?: boolean
    },
    cause: unknown,
  ) {
    const isShown = facts.site !== undefined && facts.isRun !== true
    const where = isShown ? ` (added at ${facts.site})` : ''
    const what = `${describeThrown(cause)}${describeFailedItem(cause)}`
    super('TASK_FAILED', `Task ${quote(facts.key)} failed in ${facts.operation}${where}: ${what}`, {
      cause,
    })
    this.key = facts.key
    this.step = facts.step
    this.operation = facts.operation
    this.site = facts.site
  }
}

/** Returns what is known about the item that an error was thrown for, on a line of its own. */
function describeFailedItem(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  const item = attempt(() => (cause as { [failedItem]?: unknown })[failedItem] as string)
  return typeof item === 'string' ? `\n  ${item}` : ''
}

/** The most characters of a thrown value that a message repeats; `cause` has all of it. */
const maxDescription = 10_000

/** Describes a thrown value. It may be anything, and reading it may throw in any way. */
export function describeThrown(cause: unknown): string {
  const description = attempt(() => ownDescription(cause)) ?? attempt(() => inspect(cause, shallow))
  if (description === undefined) return 'something that cannot be shown'
  return description.length > maxDescription
    ? `${description.slice(0, maxDescription)}...`
    : description
}

const shallow = { depth: 2, breakLength: Number.POSITIVE_INFINITY } as const

/** The name and message of an error, else the value as a string; undefined for a bare `[object Object]`. */
function ownDescription(cause: unknown): string | undefined {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`
  const string = String(cause)
  return string.startsWith('[object ') ? undefined : string
}

function attempt(describe: () => string | undefined): string | undefined {
  try {
    return describe()
  } catch {
    return undefined
  }
}

/** A task that ran longer than its timeout, which is in milliseconds. */
export class TimeoutError extends SkeinError {
  declare readonly code: 'TIMEOUT'
  readonly timeout: number
  constructor(timeout: number) {
    super('TIMEOUT', `It ran for longer than the ${timeout} ms that its timeout allows`)
    this.timeout = timeout
  }
}

/** A computation that was cancelled: its `AbortSignal` was aborted, or what ran it was closed. */
export class CancelledError extends SkeinError {
  declare readonly code: 'CANCELLED'
  constructor(message: string, options?: { cause?: unknown }) {
    super('CANCELLED', message, options)
  }
}

/**
 * Whether an error is one of Skein's. With codes, also whether it has one of them, and the error is
 * narrowed to the class of that code.
 *
 * @example if (isSkeinError(error, 'TASK_FAILED')) console.log(error.key)
 */
export function isSkeinError(error: unknown): error is SkeinError
export function isSkeinError<Code extends SkeinErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is SkeinErrorsByCode[Code]
export function isSkeinError(error: unknown, ...codes: SkeinErrorCode[]): boolean {
  return error instanceof SkeinError && (codes.length === 0 || codes.includes(error.code))
}

/** Throws if the program itself is wrong; never used for mistakes of users or peers. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`)
}

function quote(key: string): string {
  return `'${key}'`
}
