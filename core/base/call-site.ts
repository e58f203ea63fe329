/**
 * Call sites: the line of the user's code where an operation was added, so that errors can name it.
 *
 * A captured stack keeps the functions and the `this` of all its frames until it is formatted. Formatting takes far
 * longer than capturing, so each position in the running code is formatted once, and nothing of the stack is kept.
 */
import { nameCell } from './notebook.js'
import { packageRoot } from './package-root.js'

/** The source location where an operation was added. */
export interface CallSite {
  /** File, line and column, such as `/app/report.ts:12:8`; undefined if unknown. */
  readonly location: string | undefined
}

/** The folders of the sources and of the built files: threads run the built ones when this process runs from source. */
const roots = packageRoot.href.endsWith('/dist/')
  ? [packageRoot.href, new URL('../', packageRoot).href]
  : [packageRoot.href, new URL('dist/', packageRoot).href]
const ownFolders = roots.flatMap((root) =>
  ['core/', 'collections/', 'distributed/', 'index.'].map((folder) => root + folder),
)
const ownPaths = ownFolders.map((folder) => folder.replace(/^file:\/\//, ''))

/** How many frames are searched for the user's: first a few, which are usually enough, since each frame costs time. */
const [fewFrames, mostFrames] = [5, 20]
/** The most positions that are remembered: a REPL goes on to make new ones. */
const mostSites = 10_000

/** Call sites by the position in the code that runs, which a compiler may have produced. */
const sites = new Map<string, CallSite>()

/** Captures the location of the user's code that called into this package. */
export function captureCallSite(): CallSite {
  const position =
    captureStack(fewFrames, positionOfUser) || captureStack(mostFrames, positionOfUser)
  let site = sites.get(position)
  if (site === undefined) {
    // What formats stacks here, such as Node or a test runner, applies source maps.
    const location = position === '' ? undefined : firstUserLocation(captureStack(mostFrames))
    site = { location }
    if (sites.size >= mostSites) sites.clear()
    sites.set(position, site)
  }
  return site
}

type Prepare = NonNullable<typeof Error.prepareStackTrace>

/** Captures the stack, as a string or as what `prepare` makes of its frames. */
function captureStack(limit: number, prepare?: Prepare): string {
  const { stackTraceLimit, prepareStackTrace } = Error
  const holder: { stack?: unknown } = {}
  Error.stackTraceLimit = limit
  if (prepare !== undefined) Error.prepareStackTrace = prepare
  try {
    Error.captureStackTrace(holder, captureCallSite)
    return String(holder.stack)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else if (prepare !== undefined) Error.prepareStackTrace = prepareStackTrace
  }
}

/** Returns the position of the user's frame, '' if there is none. */
function positionOfUser(_: Error, frames: readonly NodeJS.CallSite[]): string {
  for (const frame of frames) {
    const file = frame.getScriptNameOrSourceURL()
    if (typeof file === 'string' && isUserFile(file))
      return `${file}:${frame.getLineNumber()}:${frame.getColumnNumber()}`
  }
  return ''
}

/** Whether a file, as stacks show it, is neither one of this package nor of Node. */
function isUserFile(file: string): boolean {
  let known = userFiles.get(file)
  if (known === undefined) {
    known = /^(file:|\/|[A-Za-z]:\\|REPL\d|evalmachine\.)/.test(file) && !isPackageLocation(file)
    if (userFiles.size >= mostSites) userFiles.clear()
    userFiles.set(file, known)
  }
  return known
}

const userFiles = new Map<string, boolean>()

/** Whether a file location, as stacks show it, is inside this package. */
export function isPackageLocation(location: string): boolean {
  return (
    ownFolders.some((folder) => location.startsWith(folder)) ||
    ownPaths.some((folder) => location.startsWith(folder))
  )
}

/** A position in a file, or in a line or cell that Node's REPL or a notebook evaluated. */
const userLocation =
  /\(?((?:file:\/\/|\/|[A-Za-z]:\\|REPL\d+(?=:)|evalmachine\.<anonymous>(?=:))[^()]*:\d+:\d+)\)?$/

function firstUserLocation(stack: string): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const location = userLocation.exec(line.trim())?.[1]
    if (location === undefined) continue
    if (isPackageLocation(location)) continue
    if (location.startsWith('node:')) continue
    return nameCell(location.replace(/^file:\/\//, ''))
  }
  return undefined
}
