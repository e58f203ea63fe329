/**
 * What the processes of a cluster tell whoever runs them, on stderr: a line for people, or a line of
 * JSON for programs where the environment says `SKEIN_LOG=json`. `SKEIN_LOG_LEVEL` chooses what is told:
 * `warn` by default, `info` for more, `silent` for nothing.
 */
import pino, { type Logger } from 'pino'

type Level = 'info' | 'warn' | 'error'

let logger: Logger | undefined

/** Tells of an event; `facts` go into the JSON as they are. */
export function log(
  who: string,
  what: string,
  error?: unknown,
  { level = 'warn', ...facts }: { level?: Level } & Record<string, unknown> = {},
): void {
  logger ??= makeLogger()
  logger[level]({ who, ...facts, ...(error === undefined ? {} : { err: error }) }, what)
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
