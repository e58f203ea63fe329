/**
 * The log of the cluster's processes, on stderr: lines for people, or lines of JSON if the environment variable
 * `SKEIN_LOG` is `json` (`text` is the default). `SKEIN_LOG_LEVEL` sets the level: `warn` by default, `info` for more, `silent` for none.
 */
import pino, { type Logger } from 'pino'
import { checkSettings } from '../../core/base/settings.js'

type Level = 'info' | 'warn' | 'error'

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
  childOf(who)[level]({ ...facts, ...(error === undefined ? {} : { err: error }) }, what)
}

/** Logs an event of normal operation; `facts` become fields of the JSON line. */
export function logInfo(who: string, what: string, facts: Record<string, unknown>): void {
  childOf(who).info(facts, what)
}

/** Whether events of normal operation are logged. */
export function isInfoLogged(): boolean {
  return childOf('skein').isLevelEnabled('info')
}

function childOf(who: string): Logger {
  let child = children.get(who)
  if (child === undefined) {
    logger ??= makeLogger()
    child = logger.child({ who })
    children.set(who, child)
  }
  return child
}

function makeLogger(): Logger {
  const invalid = checkSettings()
  const level = invalid.includes('SKEIN_LOG_LEVEL') ? '' : process.env.SKEIN_LOG_LEVEL
  const options = { name: 'skein', level: level || 'warn' }
  const write = process.env.SKEIN_LOG === 'json' ? writeLine : writeForPeople
  return pino(options, { write })
}

function writeLine(line: string): void {
  process.stderr.write(line)
}

/** Writes a line such as `skein worker: a result could not be read: Error: ...`. */
function writeForPeople(line: string): void {
  const { who, msg, err } = JSON.parse(line) as {
    who: string
    msg: string
    err?: { stack?: string; message?: string } | string
  }
  const why = typeof err === 'object' ? (err.stack ?? err.message) : err
  process.stderr.write(`skein ${who}: ${msg}${why === undefined ? '' : `: ${why}`}\n`)
}
