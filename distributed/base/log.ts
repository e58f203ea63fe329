/**
 * The log of the cluster's processes, on stderr: lines for people, or lines of JSON if the environment variable
 * `SKEIN_LOG` is `json` (`text` is the default). `SKEIN_LOG_LEVEL` sets the level: `warn` by default, `info` for more, `silent` for none.
 * Only JSON needs pino, which is loaded with the first line.
 */
import type { Logger } from 'pino'
import { describeThrown } from '../../core/base/errors.js'
import { lazyPackage } from '../../core/base/lazy-package.js'
import { checkSettings, logLevels } from '../../core/base/settings.js'

type Level = 'info' | 'warn' | 'error'

const pino = lazyPackage<typeof import('pino')>('pino')
/** The lowest level that is logged. */
let threshold: string | undefined
let logger: Logger | undefined
/** One logger for each source, whose lines all name it. */
const children = new Map<string, Logger>()

/**
 * Logs an event, as a warning by default. `who` is the kind of process, such as `worker`; `facts` become
 * fields of the JSON line.
 */
export function logEvent(
  who: string,
  what: string,
  error?: unknown,
  { level = 'warn', ...facts }: { level?: Level } & Record<string, unknown> = {},
): void {
  if (!isLogged(level)) return
  if (!isJson()) writeForPeople(who, what, error)
  else childOf(who)[level]({ ...facts, ...(error === undefined ? {} : { err: error }) }, what)
}

/** Logs an event of normal operation; `facts` become fields of the JSON line. */
export function logInfo(who: string, what: string, facts: Record<string, unknown>): void {
  logEvent(who, what, undefined, { ...facts, level: 'info' })
}

/** Whether events of normal operation are logged. */
export function isInfoLogged(): boolean {
  return isLogged('info')
}

function isLogged(level: Level): boolean {
  threshold ??= readLevel()
  return logLevels.indexOf(level) >= logLevels.indexOf(threshold)
}

function readLevel(): string {
  const invalid = checkSettings()
  const level = invalid.includes('SKEIN_LOG_LEVEL') ? '' : process.env.SKEIN_LOG_LEVEL
  return level || 'warn'
}

function isJson(): boolean {
  return process.env.SKEIN_LOG === 'json'
}

function childOf(who: string): Logger {
  let child = children.get(who)
  if (child === undefined) {
    const write = (line: string): boolean => process.stderr.write(line)
    logger ??= pino().pino({ name: 'skein', level: threshold! }, { write })
    child = logger.child({ who })
    children.set(who, child)
  }
  return child
}

/** Writes a line such as `skein worker: a result could not be read: Error: ...`. */
function writeForPeople(who: string, what: string, error: unknown): void {
  const why = error === undefined ? '' : `: ${withCauses(error)}`
  process.stderr.write(`skein ${who}: ${what}${why}\n`)
}

/** Returns the stack of an error and of its causes. */
function withCauses(error: unknown): string {
  const parts: string[] = []
  const seen = new Set<unknown>()
  for (let next = error; next !== undefined && !seen.has(next); ) {
    seen.add(next)
    if (!(next instanceof Error)) {
      parts.push(describeThrown(next))
      break
    }
    parts.push(next.stack ?? next.message)
    next = next.cause
  }
  return parts.join('\ncaused by: ')
}
