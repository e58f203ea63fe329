/**
 * The source code of the scripts that the engine runs, and the list of loaded ES modules.
 *
 * The engine lists its scripts only while its debugger is enabled. The debugger is enabled for as short a
 * time as possible: user code is slower with it.
 */
import { isPackageLocation } from '../../base/call-site.js'
import { connect, post } from './inspector-session.js'

/** A file, or a piece of evaluated code, as the engine runs it. */
export interface ScriptSource {
  readonly url: string
  readonly source: string
  readonly isModule: boolean
  /** The number of the script's first line in locations, which the code of a received function has. */
  readonly startLine: number
}

interface ParsedScript {
  readonly scriptId: string
  readonly url: string
  readonly isModule?: boolean
  readonly startLine?: number
}

const scripts = new Map<string, ScriptSource | undefined>()
/** The URLs of all ES modules that were loaded when scripts were last read. */
const modules = new Set<string>()
/** All scripts that the engine has listed since the debugger was enabled. */
const listed = new Map<string, ParsedScript>()
/** The listed scripts that were not processed yet. */
let unread: ParsedScript[] = []

/** Returns the URLs of the ES modules that were loaded when scripts were last read. */
export function loadedModules(): ReadonlySet<string> {
  return modules
}

/** Returns the script with an id; undefined if the engine no longer has it. */
export function scriptSource(scriptId: string): ScriptSource | undefined {
  if (!scripts.has(scriptId)) readScripts(scriptId)
  return scripts.get(scriptId)
}

/** Returns the source code of a user file as the engine runs it, if it was read before. */
export function loadedSource(url: string): string | undefined {
  let found: string | undefined
  for (const script of scripts.values()) if (script?.url === url) found = script.source
  return found
}

function listScript({ params }: { params: ParsedScript }): void {
  // The engine says much more, such as the stack that evaluated the script.
  const { scriptId, url, isModule, startLine } = params
  const script = { scriptId, url, isModule, startLine }
  listed.set(scriptId, script)
  if (isModule === true || isUserFile(script)) unread.push(script)
}

/**
 * Enabling the debugger costs tens of milliseconds, as the engine goes through every script, so all user
 * files are read while it is enabled. Files of packages, and of this one, are read one by one: the debugger stays enabled for
 * the next one. While it is enabled, all other queries take twice as long.
 */
function readScripts(wanted?: string): void {
  connect()
  const wasEnabled = isEnabled
  enableDebugger()
  for (const script of unread) {
    if (script.isModule === true) modules.add(script.url)
    if (isUserFile(script)) readScript(script)
  }
  unread = []
  const script = wanted === undefined ? undefined : listed.get(wanted)
  if (script !== undefined) readScript(script)
  if (wanted !== undefined && !scripts.has(wanted)) scripts.set(wanted, undefined)
  if (!wasEnabled && (script === undefined || isUserFile(script))) disableDebugger()
}

/** Reads the user's files that are loaded now, so that their functions can be captured without the debugger. */
export function readUserFiles(): void {
  readScripts()
}

function isUserFile({ url }: ParsedScript): boolean {
  if (!/^(file:|[/\\]|[A-Za-z]:)/.test(url) || url.includes('/node_modules/')) return false
  return !isPackageLocation(url)
}

function readScript({ scriptId, url, isModule = false, startLine = 0 }: ParsedScript): void {
  if (scripts.has(scriptId)) return
  try {
    const { scriptSource } = post<{ scriptSource: string }>('Debugger.getScriptSource', {
      scriptId,
    })
    scripts.set(scriptId, { url, isModule, source: scriptSource, startLine })
  } catch {
    // The engine has released the script; its functions are described without their file.
  }
}

let isEnabled = false
/** For how long the debugger stays enabled after its last use, in milliseconds. */
const ENABLED_FOR = 25
/**
 * Enabling collects garbage, which takes half a second in a test runner with a large heap. From this duration
 * on, in milliseconds, the debugger stays enabled for longer.
 */
const SLOW = 100
const ENABLED_IF_SLOW = 5000
/** With more listed scripts, the debugger is disabled and enabled again. Then it lists only scripts that still exist. */
const MOST_LISTED = 10_000
let enabledFor = ENABLED_FOR
let lastUse = 0

/**
 * Enables the debugger, which stays enabled for some milliseconds: enabling it costs more than all that it is
 * used for, and functions are often captured one after another. It pauses only in `stepInto`.
 */
export function enableDebugger(): void {
  lastUse = performance.now()
  // The list grows with each script that is compiled meanwhile.
  if (isEnabled && listed.size > MOST_LISTED) disableDebugger()
  if (isEnabled) return
  connect().on('Debugger.scriptParsed', listScript)
  post('Debugger.enable')
  post('Debugger.setSkipAllPauses', { skip: true })
  isEnabled = true
  enabledFor = performance.now() - lastUse > SLOW ? ENABLED_IF_SLOW : ENABLED_FOR
  disableAfter(enabledFor)
}

function disableAfter(ms: number): void {
  setTimeout(() => {
    const left = lastUse + enabledFor - performance.now()
    if (left <= 0) disableDebugger()
    else if (isEnabled) disableAfter(left)
  }, ms).unref()
}

function disableDebugger(): void {
  if (!isEnabled) return
  isEnabled = false
  connect().off('Debugger.scriptParsed', listScript)
  post('Debugger.disable')
  listed.clear()
  unread = []
}
