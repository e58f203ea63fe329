/**
 * Call sites: the line of the user's code where an operation was added, so that errors can name it.
 *
 * Capturing the stack takes about a microsecond. Formatting it takes far longer, so that is put off
 * until the location is read.
 */
import { packageRoot } from './package-root.js'

/** The source location where an operation was added. */
export interface CallSite {
  /** File, line and column, such as `/app/report.ts:12:8`; undefined if unknown. */
  readonly location: string | undefined
}

/** The package's root as stacks show it: where the files are, and where source maps say they came from. */
const roots = packageRoot.href.endsWith('/dist/')
  ? [packageRoot.href, new URL('../', packageRoot).href]
  : [packageRoot.href]
const ownFolders = roots.flatMap((root) =>
  ['core/', 'collections/', 'distributed/', 'index.'].map((folder) => root + folder),
)
const ownPaths = ownFolders.map((folder) => folder.replace(/^file:\/\//, ''))

class LazyCallSite implements CallSite {
  private readonly holder: { stack?: string } = {}
  private found: string | undefined
  private isResolved = false

  constructor() {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 12
    Error.captureStackTrace(this.holder)
    Error.stackTraceLimit = limit
  }

  get location(): string | undefined {
    if (!this.isResolved) {
      this.isResolved = true
      this.found = firstUserLocation(String(this.holder.stack))
    }
    return this.found
  }
}

/** Captures the location of the user's code that called into this package. */
export function captureCallSite(): CallSite {
  return new LazyCallSite()
}

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
    return location.replace(/^file:\/\//, '')
  }
  return undefined
}
