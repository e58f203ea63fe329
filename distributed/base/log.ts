/**
 * What the processes of a cluster tell whoever runs them, on stderr: a line for people, or a line of
 * JSON for programs where the environment says `SKEIN_LOG=json`. `SKEIN_LOG_LEVEL` chooses what is told:
 * `warn` by default, `info` for more, `silent` for nothing.
 */
import pino, { type Logger } from 'pino'

type Level = 'info' | 'warn' | 'error'

let logger: Logger | undefined
/** One for each who speaks, whose lines all say who it is. */
const children = new Map<string, Logger>()

/** Tells of an event; `facts` go into the JSON as they are. */
export function logEvent(
  who: string,
  what: string,
  error?: unknown,
  { level = 'warn', ...facts }: { level?: Level } & Record<string, unknown> = {},
): void {
  childOf(who)[level]({ ...facts, ...(error === undefined ? {} : { err: error }) }, what)
}

/** Tells what happens in the course of things, to those who want to know; `facts` are for programs. */
export function logInfo(who: string, what: string, facts: Record<string, unknown>): void {
  childOf(who).info(facts, what)
}

/** Whether anybody wants to know what happens in the course of things. */
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
  const level = process.env.SKEIN_LOG_LEVEL ?? 'warn'
  const known = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
  const options = { name: 'skein', level: known.includes(level) ? level : 'warn' }
  const write = process.env.SKEIN_LOG === 'json' ? writeLine : writeForPeople
  return pino(options, { write })
}

function writeLine(line: string): void {
  process.stderr.write(line)
}

/** `skein worker: a result could not be read: Error: ...` */
function writeForPeople(line: string): void {
  const { who, msg, err } = JSON.parse(line) as {
    who: string
    msg: string
    err?: { stack?: string; message?: string } | string
  }
  const why = typeof err === 'object' ? (err.stack ?? err.message) : err
  process.stderr.write(`skein ${who}: ${msg}${why === undefined ? '' : `: ${why}`}\n`)
}
