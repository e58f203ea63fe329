/**
 * The errors of the core. Each has a literal `code` and the facts it is about as typed fields.
 *
 * Every user mistake throws one of these (or a RangeError or TypeError for a plain wrong argument) at
 * the call that contains it. A failed task is a `TaskError`, whatever ran it.
 */
import { inspect, types } from 'node:util'

/**
 * The error class of each code. Modules that define further errors add theirs by declaration merging,
 * as `distributed/base/errors.ts` does.
 */
export interface SkeinErrorsByCode {
  /** A function that was received cannot be created. */
  BAD_FUNCTION: SkeinError & { readonly code: 'BAD_FUNCTION' }
  /** A graph or a request for keys has a form that no `get` accepts. */
  BAD_GRAPH: GraphError
  /** This package was bundled without the files that it needs. */
  BUNDLED: SkeinError & { readonly code: 'BUNDLED' }
  /** A computation was cancelled. */
  CANCELLED: CancelledError
  /** Tasks depend on each other in a cycle. */
  CYCLE: CycleError
  /** Bytes were not written by this package, or are damaged. */
  DECODE: DecodeError
  /** A key has two definitions. */
  KEY_CONFLICT: KeyConflictError
  /** A module that a function imports lacks the export, where the function runs. */
  MISSING_EXPORT: MissingPackageError
  /** A file of the user that a function imports does not exist where the function runs. */
  MISSING_FILE: SkeinError & { readonly code: 'MISSING_FILE' }
  /** A key is not in the graph. */
  MISSING_KEY: MissingKeyError
  /** A package that a function imports is not installed where the function runs. */
  MISSING_PACKAGE: MissingPackageError
  /** A function or value cannot be sent to another thread or process. */
  NOT_PORTABLE: NotPortableError
  /** The process may not open enough files. */
  OPEN_FILES: SkeinError & { readonly code: 'OPEN_FILES' }
  /** A package that a function imports cannot be loaded where the function runs. */
  PACKAGE_FAILED: MissingPackageError
  /** A task failed. */
  TASK_FAILED: TaskError
  /** A task ran longer than its timeout. */
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
  /** Always `CYCLE`. */
  declare readonly code: 'CYCLE'
  /** The keys in order, the first one repeated last. */
  readonly cycle: readonly string[]
  /** Made by Skein only. */
  constructor(cycle: readonly string[]) {
    super('CYCLE', `The graph has a cycle: ${cycle.map(quote).join(' -> ')}`)
    this.cycle = cycle
  }
}

/** A key that was requested or referred to, but is not in the graph. */
export class MissingKeyError extends SkeinError {
  /** Always `MISSING_KEY`. */
  declare readonly code: 'MISSING_KEY'
  /** The key. */
  readonly key: string
  /** Made by Skein only. */
  constructor(key: string, detail: string) {
    super('MISSING_KEY', `Key ${quote(key)} is not in the graph: ${detail}`)
    this.key = key
  }
}

/** A graph, or a request for keys, in a form that a `get` does not accept. */
export class GraphError extends SkeinError {
  /** Always `BAD_GRAPH`. */
  declare readonly code: 'BAD_GRAPH'
  /** Made by Skein only. */
  constructor(message: string) {
    super('BAD_GRAPH', message)
  }
}

/** Two different definitions of one key. */
export class KeyConflictError extends SkeinError {
  /** Always `KEY_CONFLICT`. */
  declare readonly code: 'KEY_CONFLICT'
  /** The key. */
  readonly key: string
  /** Made by Skein only. */
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
  /** Always `NOT_PORTABLE`. */
  declare readonly code: 'NOT_PORTABLE'
  /** The names that lead to the cause: the argument, then captured variables and properties. */
  readonly path: readonly string[]
  /** Why the last one cannot be sent, and what to do. */
  readonly reason: string
  /** Made by Skein only. */
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
  /** The version of Node.js. */
  readonly node: string
  /** The name of the host. */
  readonly host: string
  /** The version of the package; undefined if it is not installed there. */
  readonly version?: string | undefined
}

/**
 * An import of a function that was sent, which fails where the function runs. `here` is the side that
 * runs it, `sender` the side it came from. The code is `MISSING_PACKAGE`, `MISSING_EXPORT`, or
 * `PACKAGE_FAILED` for a package that is installed but cannot be loaded.
 */
export class MissingPackageError extends SkeinError {
  /** `MISSING_PACKAGE`, `MISSING_EXPORT` or `PACKAGE_FAILED`. */
  declare readonly code: 'MISSING_PACKAGE' | 'MISSING_EXPORT' | 'PACKAGE_FAILED'
  /** What the function imports, such as `lodash/fp`. */
  readonly specifier: string
  /** Where the function runs. */
  readonly here: PackageSide
  /** Where the function was captured; undefined if that is unknown. */
  readonly sender: PackageSide | undefined
  /** Made by Skein only. */
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
  /** Always `DECODE`. */
  declare readonly code: 'DECODE'
  /** Made by Skein only. */
  constructor(message: string, options?: { cause?: unknown }) {
    super('DECODE', message, options)
  }
}

/** The property of a thrown error that says which item failed, as a string; `TaskError` shows it. */
export const failedItem = Symbol.for('skein.failedItem')

/** A task that failed. */
export class TaskError extends SkeinError {
  /** Always `TASK_FAILED`. */
  declare readonly code: 'TASK_FAILED'
  /** The key of the task. */
  readonly key: string
  /** The index of the failed operation in a fused chain. */
  readonly step: number
  /** The name of the operation, such as `map`, or of a task's function. */
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
      /** Whether `site` may be that of a long loop just before the call. */
      isSampled?: boolean | undefined
    },
    cause: unknown,
  ) {
    const isShown = facts.site !== undefined && facts.isRun !== true
    const hint = facts.isSampled === true ? ', or soon after this long loop' : ''
    const where = isShown ? ` (added at ${facts.site}${hint})` : ''
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

/** Whether a value is an error of this or any other context of `node:vm`. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

/** Returns what is known about the item that an error was thrown for, on a line of its own. */
function describeFailedItem(cause: unknown): string {
  if (!isError(cause)) return ''
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
  if (isError(cause)) return `${cause.name}: ${cause.message}`
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
  /** Always `TIMEOUT`. */
  declare readonly code: 'TIMEOUT'
  /** The timeout in milliseconds. */
  readonly timeout: number
  /** Made by Skein only. */
  constructor(
    timeout: number,
    message = `It ran for longer than the ${timeout} ms that its timeout allows`,
  ) {
    super('TIMEOUT', message)
    this.timeout = timeout
  }
}

/** A computation that was cancelled: its `AbortSignal` was aborted, or what ran it was closed. */
export class CancelledError extends SkeinError {
  /** Always `CANCELLED`. */
  declare readonly code: 'CANCELLED'
  /** Made by Skein only. */
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
