/**
 * The user's own line where an operation was added, kept so that an error can name it.
 *
 * Taking the stack costs about a microsecond; turning it into text costs far more, so that waits
 * until somebody asks.
 */
import { packageRoot } from './package-root.js'

/** Where an operation was added: `text` is like `/app/report.ts:12:8`, undefined if unknown. */
export interface CallSite {
  readonly text: string | undefined
}

/** Our own files as stacks show them: where they are, and where source maps say they came from. */
const roots = packageRoot.href.endsWith('/dist/')
  ? [packageRoot.href, new URL('../../', packageRoot).href]
  : [packageRoot.href]
const ownFolders = roots.flatMap((root) =>
  ['core/', 'collections/', 'distributed/', 'index.'].map((folder) => root + folder),
)
const ownPaths = ownFolders.map((folder) => folder.replace(/^file:\/\//, ''))

class LazySite implements CallSite {
  private readonly holder: { stack?: string } = {}
  private found: string | undefined
  private looked = false

  constructor() {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 12
    Error.captureStackTrace(this.holder)
    Error.stackTraceLimit = limit
  }

  get text(): string | undefined {
    if (!this.looked) {
      this.looked = true
      this.found = firstForeignLine(String(this.holder.stack))
    }
    return this.found
  }
}

/** The place in the user's code that called into this package, found when its text is read. */
export function captureCallSite(): CallSite {
  return new LazySite()
}

/** Whether a place, as stacks show it, is in this package. */
export function isPackageLocation(place: string): boolean {
  return ownFolders.some((f) => place.startsWith(f)) || ownPaths.some((f) => place.startsWith(f))
}

function firstForeignLine(stack: string): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1]
    if (place === undefined) continue
    if (isPackageLocation(place)) continue
    if (place.startsWith('node:')) continue
    return place.replace(/^file:\/\//, '')
  }
  return undefined
}
