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
  /** Whether it is that of a long loop in which not every call was looked at: a few calls after the loop may have it, too. */
  readonly isSampled?: boolean
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
const [fewFrames, mostFrames] = [8, 20]
/** The most positions that are remembered: a REPL goes on to make new ones. */
const mostSites = 10_000

/** A position in the code that runs, which a compiler may have produced. */
interface Position {
  site: CallSite | undefined
}

/** The positions in each file, by their offset. */
const positions = new Map<string, Map<number, Position>>()
let positionCount = 0

const unknownSite: CallSite = { location: undefined }

/**
 * Captures the location of the user's code that called into this package. `entry` is the function that the user
 * called, if the caller knows it: then one frame is captured, which takes less time.
 */
export function captureCallSite(entry?: Function): CallSite {
  let above = entry ?? captureCallSite
  let position = entry === undefined ? undefined : captureStack(1, above, positionOfUser)
  if (position === undefined) {
    above = captureCallSite
    position =
      captureStack(fewFrames, above, positionOfUser) ??
      captureStack(mostFrames, above, positionOfUser)
  }
  if (position === undefined) return unknownSite
  // What formats stacks here, such as Node or a test runner, applies source maps.
  position.site ??= { location: firstUserLocation(String(captureStack(mostFrames, above))) }
  return position.site
}

/** After so many calls from one line, without a pause in between, only one of so many is looked at. */
const [sampledAfter, sampledEvery] = [1000, 32]

/**
 * The call sites of one function. Looking at the stack takes longer than all else that a delayed call does, so a long
 * loop is sampled. Then a call from another line, soon after, may get the line of the loop, and its site says so.
 */
export class RepeatedCallSite {
  private last: CallSite | undefined
  /** The last one, for the calls of a sampled loop. */
  private sampled: CallSite | undefined
  private repeats = 0

  /** Captures the site of a call of `entry`. `isAlike` says whether the last call had the same kinds of arguments. */
  capture(entry: Function | undefined, isAlike: boolean): CallSite {
    this.repeats++
    const isSampled = isAlike && this.repeats > sampledAfter
    if (isSampled && this.repeats % sampledEvery !== 0) return this.sampled!
    const site = captureCallSite(entry)
    if (site !== this.last) {
      this.last = site
      this.repeats = 0
      return site
    }
    if (this.repeats === sampledAfter) {
      this.sampled = { ...site, isSampled: true }
      queueMicrotask(() => (this.repeats = 0))
    }
    return isSampled ? this.sampled! : site
  }
}

type Prepare<T> = (error: Error, frames: NodeJS.CallSite[]) => T

/** What a stack is captured in. Once it was read, only what was read is kept. A new object would take longer. */
const holder: { stack?: unknown } = {}

/** Captures the stack below the call of `above`: what `prepare` makes of its frames, or else a string. */
function captureStack<T>(limit: number, above: Function, prepare?: Prepare<T>): T {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = limit
  if (prepare !== undefined) Error.prepareStackTrace = prepare
  try {
    Error.captureStackTrace(holder, above)
    return holder.stack as T
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (prepare !== undefined) Error.prepareStackTrace = prepareStackTrace
    if (prepareStackTrace === undefined) removePrepareLater()
  }
}

let isRemoving = false

/** Removes an `Error.prepareStackTrace` that is undefined when the running code has ended: removing it takes 3 us. */
function removePrepareLater(): void {
  if (isRemoving) return
  isRemoving = true
  queueMicrotask(() => {
    isRemoving = false
    if (Error.prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
  })
}

/** Returns the position of the user's frame; undefined if there is none. */
function positionOfUser(_: Error, frames: readonly NodeJS.CallSite[]): Position | undefined {
  for (const frame of frames) {
    const file = frame.getScriptNameOrSourceURL()
    if (typeof file !== 'string' || !isUserFile(file)) continue
    const offset = frame.getPosition()
    return positions.get(file)?.get(offset) ?? addPosition(file, offset)
  }
  return undefined
}

/**
 * Whether the code that reads an accessor is the user's, neither that of this package nor of another one. `accessor` is
 * the getter, from which this is called.
 */
export function isReadByUser(accessor: Function): boolean {
  return captureStack(fewFrames, accessor, (_, frames) => {
    const file = frames.map((frame) => frame.getScriptNameOrSourceURL()).find(Boolean)
    return typeof file === 'string' && isUserFile(file) && !/[\\/]node_modules[\\/]/.test(file)
  })
}

function addPosition(file: string, offset: number): Position {
  if (positionCount++ >= mostSites) {
    positions.clear()
    positionCount = 1
  }
  let ofFile = positions.get(file)
  if (ofFile === undefined) positions.set(file, (ofFile = new Map()))
  const position = { site: undefined }
  ofFile.set(offset, position)
  return position
}

/** Whether a file, as stacks show it, is neither one of this package nor of Node. */
function isUserFile(file: string): boolean {
  let known = userFiles.get(file)
  if (known === undefined) {
    known = file !== '' && !platformFile.test(file) && !isPackageLocation(file)
    if (userFiles.size >= mostSites) userFiles.clear()
    userFiles.set(file, known)
  }
  return known
}

/** The names of the platform's own files. Users name what they evaluate as they like: `[eval]`, `cell.js`, `REPL1`. */
const platformFile =
  /^(?:node|ext|bun|deno|native|internal|wasm)[:/]|^(?:native|<anonymous>|eval at .*)$/

const userFiles = new Map<string, boolean>()

/** Whether a file location, as stacks show it, is inside this package. */
export function isPackageLocation(location: string): boolean {
  return (
    ownFolders.some((folder) => location.startsWith(folder)) ||
    ownPaths.some((folder) => location.startsWith(folder))
  )
}

/** A line of a stack with a position: in a file, or in what was evaluated under some name. */
const userLocation = /^at (?:async )?(?:(?!file:|\/|[A-Za-z]:\\)[^(]* \()?(.*:\d+:\d+)\)?$/

function firstUserLocation(stack: string): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const location = userLocation.exec(line.trim())?.[1]
    if (location === undefined) continue
    if (isPackageLocation(location)) continue
    if (platformFile.test(location)) continue
    return nameCell(location.replace(/^file:\/\//, ''))
  }
  return undefined
}
