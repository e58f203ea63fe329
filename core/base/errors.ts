/**
 * The errors of the core, each with a literal `code` and the facts it is about as typed fields.
 *
 * Everything a user can get wrong throws one of these (or a RangeError/TypeError for a plain wrong
 * argument) at the call that got it. A failed task is a `TaskError` whatever ran it.
 */
import { inspect } from 'node:util'

/** The base of every error that Skein raises on purpose; `code` tells them apart. */
export class SkeinError extends Error {
  readonly code: string
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
  override get name(): string {
    return this.constructor.name
  }
}

/** Tasks that depend on one another in a ring; `cycle` lists the keys, the first one repeated last. */
export class CycleError extends SkeinError {
  readonly cycle: readonly string[]
  constructor(cycle: readonly string[]) {
    super('CYCLE', `The graph has a cycle: ${cycle.map(quote).join(' -> ')}`)
    this.cycle = cycle
  }
}

/** A key that was asked for, or referred to, and is not in the graph. */
export class MissingKeyError extends SkeinError {
  readonly key: string
  constructor(key: string, detail: string) {
    super('MISSING_KEY', `Key ${quote(key)} is not in the graph: ${detail}`)
    this.key = key
  }
}

/** A request for keys, or a graph, that is not of the form a `get` takes. */
export class GraphError extends SkeinError {
  constructor(message: string) {
    super('BAD_GRAPH', message)
  }
}

/** Two different definitions of one key. */
export class KeyConflictError extends SkeinError {
  readonly key: string
  constructor(key: string) {
    super(
      'KEY_CONFLICT',
      `Key ${quote(key)} is defined twice, in different ways; rename one of them`,
    )
    this.key = key
  }
}

/** A function or a value that cannot go to another thread or process; `path` leads to it. */
export class NotPortableError extends SkeinError {
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

/** One side of a sending: a machine, and the version of the package there if it has it. */
export interface PackageSide {
  readonly node: string
  readonly host: string
  readonly version?: string | undefined
}

/**
 * What a function that was sent imports is not where it runs: `here` is that side, `sender` the one
 * it comes from. The code is `MISSING_PACKAGE`, `MISSING_EXPORT`, or `PACKAGE_FAILED` for a package
 * that is there and cannot be loaded.
 */
export class MissingPackageError extends SkeinError {
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

/** Bytes that are not what the codec wrote. */
export class DecodeError extends SkeinError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DECODE', message, options)
  }
}

/**
 * A task that failed: `key` is the task's, `step` which operation of a fused chain it was, `site`
 * the user's line where that operation was added (of a graph written by hand: where it was run),
 * `cause` what it threw.
 */
export class TaskError extends SkeinError {
  readonly key: string
  readonly step: number
  readonly operation: string
  readonly site: string | undefined
  constructor(
    facts: {
      key: string
      step: number
      operation: string
      site?: string | undefined
      /** The site is where the graph was run, which is no news to who ran it. */
      isRun?: boolean
    },
    cause: unknown,
  ) {
    const what = tellOf(cause)
    const isTold = facts.site !== undefined && facts.isRun !== true
    const where = isTold ? ` (added at ${facts.site})` : ''
    super('TASK_FAILED', `Task ${quote(facts.key)} failed in ${facts.operation}${where}: ${what}`, {
      cause,
    })
    this.key = facts.key
    this.step = facts.step
    this.operation = facts.operation
    this.site = facts.site
  }
}

/** Characters of what was thrown that a message repeats; `cause` has it all. */
const mostTold = 10_000

/** What was thrown, in words; a thrown thing may be anything, and fail however it is read. */
function tellOf(cause: unknown): string {
  const told = attempt(() => textOf(cause)) ?? attempt(() => inspect(cause, shallow))
  if (told === undefined) return 'something that cannot be shown'
  return told.length > mostTold ? `${told.slice(0, mostTold)}...` : told
}

const shallow = { depth: 2, breakLength: Number.POSITIVE_INFINITY } as const

/** What a thing says about itself; undefined for an object that says nothing. */
function textOf(cause: unknown): string | undefined {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`
  const text = String(cause)
  return text.startsWith('[object ') ? undefined : text
}

function attempt(tell: () => string | undefined): string | undefined {
  try {
    return tell()
  } catch {
    return undefined
  }
}

/** A task ran for longer than it was allowed to: `timeout` is how many milliseconds that was. */
export class TimeoutError extends SkeinError {
  readonly timeout: number
  constructor(timeout: number) {
    super('TIMEOUT', `It ran for longer than the ${timeout} ms that its timeout allows`)
    this.timeout = timeout
  }
}

/** The caller gave up on a computation (an `AbortSignal`, or the thing that ran it was closed). */
export class CancelledError extends SkeinError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CANCELLED', message, options)
  }
}

/** Whether an error is one of Skein's, and of one of these codes if any are given. */
export function isSkeinError(error: unknown, ...codes: string[]): error is SkeinError {
  return error instanceof SkeinError && (codes.length === 0 || codes.includes(error.code))
}

/** Fails when the program itself is wrong, never for anything a user or a peer did. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`)
}

function quote(key: string): string {
  return `'${key}'`
}
