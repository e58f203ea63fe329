/**
 * The only user of `node:inspector`: reads what JavaScript itself cannot see of a function, its
 * scopes, what it was bound to, and the text of the file it stands in.
 *
 * The session is connected in-process, its callbacks run before `post` returns, and it is one per
 * thread. Values come back as themselves, not as copies: the inspector is asked to call `hand` with
 * them. The debugger proper is switched on only for the moment that a new file's text is read.
 */
import { Session } from 'node:inspector'
import { types } from 'node:util'

/** One scope around a function: all of its variables that any function inside it uses. */
export interface ScopeVariables {
  readonly kind: 'local' | 'module' | 'script' | 'global'
  readonly variables: Readonly<Record<string, unknown>>
}

/** Stands for the value of a variable that has none yet. */
export const UNSET: unique symbol = Symbol('no value yet')

/**
 * The value of a variable; UNSET for one that is declared further down, of which Node 20 cannot tell
 * and gives undefined.
 */
export function variableIn({ variables }: ScopeVariables, name: string): unknown {
  try {
    return variables[name]
  } catch {
    return UNSET
  }
}

/** Where a function stands: lines and columns count from zero, as the inspector does. */
export interface FunctionLocation {
  readonly scriptId: string
  readonly line: number
  readonly column: number
}

/** A function's surroundings, innermost scope first; what a bound function is made of. */
export interface Surroundings {
  readonly location: FunctionLocation | undefined
  readonly scopes: readonly ScopeVariables[]
  readonly bound: { target: Function; boundThis: unknown; boundArgs: unknown[] } | undefined
}

/** A file, or a piece of evaluated code, as the engine ran it. */
export interface ScriptText {
  readonly url: string
  readonly text: string
  readonly isModule: boolean
}

/** A value as the inspector names it. */
export interface Remote {
  readonly objectId?: string
  readonly description?: string
  readonly value?: unknown
}
interface Property {
  readonly name: string
  readonly value?: Remote
}

const group = 'skein'
const hand: { give: unknown; taken: readonly unknown[] } = { give: undefined, taken: [] }
let session: Session | undefined
let handId = ''

function post<T>(method: string, params?: object): T {
  let result: unknown
  let failure: Error | null = null
  session!.post(method, params, (error, answer) => {
    failure = error
    result = answer
  })
  if (failure !== null) throw failure
  return result as T
}

function connect(): void {
  if (session !== undefined) return
  session = new Session()
  session.connect()
  const name = `skein.hand.${Math.random()}`
  Object.defineProperty(globalThis, name, { value: hand, configurable: true })
  const expression = `globalThis[${JSON.stringify(name)}]`
  handId = post<{ result: Remote }>('Runtime.evaluate', { expression }).result.objectId!
  Reflect.deleteProperty(globalThis, name)
}

/** The inspector's number for a value. */
function idOf(value: unknown): string {
  hand.give = value
  return post<{ result: Remote }>('Runtime.callFunctionOn', {
    objectId: handId,
    functionDeclaration: 'function () { return this.give }',
    objectGroup: group,
  }).result.objectId!
}

/** The values behind the inspector's numbers. */
function valuesOf(remotes: readonly Remote[]): readonly unknown[] {
  post('Runtime.callFunctionOn', {
    objectId: handId,
    functionDeclaration: 'function (...values) { this.taken = values }',
    arguments: remotes.map((r) => (r.objectId === undefined ? r : { objectId: r.objectId })),
    objectGroup: group,
  })
  return hand.taken
}

function ownProperties(objectId: string): {
  result: Property[]
  internalProperties?: Property[]
  privateProperties?: Property[]
} {
  return post('Runtime.getProperties', { objectId, ownProperties: true })
}

/** Reads a function's scopes and location, or what it was bound to. */
export function surroundings(fn: Function): Surroundings {
  connect()
  try {
    const internals = ownProperties(idOf(fn)).internalProperties ?? []
    const find = (name: string) => internals.find((p) => p.name === name)?.value
    const target = find('[[TargetFunction]]')
    if (target !== undefined)
      return { location: undefined, scopes: [], bound: readBound(internals) }
    const scopeList = find('[[Scopes]]')
    return {
      location: asLocation(find('[[FunctionLocation]]')),
      scopes: scopeList === undefined ? [] : readScopes(scopeList),
      bound: undefined,
    }
  } finally {
    release()
  }
}

/** The private static fields of a class by name, `#` included. */
export function privateMembers(object: object): ReadonlyMap<string, unknown> {
  return new Map(privateFields(object).map(({ name, value }) => [name, value]))
}

/** The private fields of an object, `#` included in their names, in the order they came to it. */
export function privateFields(object: object): { name: string; value: unknown }[] {
  connect()
  try {
    const { privateProperties = [] } = ownProperties(idOf(object))
    const readable = privateProperties.filter((p) => p.value !== undefined)
    const values = valuesOf(readable.map((p) => asArgument(p.value!)))
    return readable.map((p, i) => ({ name: p.name, value: values[i] }))
  } finally {
    release()
  }
}

/** All objects, wherever they are, that have a function as a member or as half of an accessor under its name. */
export function objectsHolding(fn: Function): object[] {
  connect()
  try {
    const { objects } = post<{ objects: Remote }>('Runtime.queryObjects', {
      prototypeObjectId: idOf(Object.prototype),
      objectGroup: group,
    })
    const [all] = valuesOf([objects])
    const found: object[] = []
    const key = fn.name.replace(/^[gs]et /, '')
    for (const object of Array.from(all as ArrayLike<object>)) {
      if (types.isProxy(object)) continue
      const member = Object.getOwnPropertyDescriptor(object, key)
      if (member === undefined) continue
      if (member.value === fn || member.get === fn || member.set === fn) found.push(object)
    }
    return found
  } finally {
    release()
  }
}

function release(): void {
  hand.give = undefined
  hand.taken = []
  post('Runtime.releaseObjectGroup', { objectGroup: group })
}

function readBound(internals: readonly Property[]): Surroundings['bound'] {
  const names = ['[[TargetFunction]]', '[[BoundThis]]', '[[BoundArgs]]']
  const remotes = names.map((name) => internals.find((p) => p.name === name)?.value ?? {})
  const [target, boundThis, boundArgs] = valuesOf(remotes.map(asArgument))
  const args = Array.from((boundArgs ?? []) as ArrayLike<unknown>)
  return { target: target as Function, boundThis, boundArgs: args }
}

/** A value in the form `callFunctionOn` takes: by number, as itself, or as text for NaN and bigints. */
function asArgument(remote: Remote & { unserializableValue?: string }): Remote {
  const { objectId, unserializableValue, value } = remote
  if (objectId !== undefined) return { objectId }
  if (unserializableValue !== undefined) return { unserializableValue } as Remote
  return { value }
}

function asLocation(remote: Remote | undefined): FunctionLocation | undefined {
  const at = remote?.value as
    | { scriptId: string; lineNumber: number; columnNumber?: number }
    | undefined
  if (at === undefined) return undefined
  return { scriptId: at.scriptId, line: at.lineNumber, column: at.columnNumber ?? 0 }
}

function readScopes(scopeList: Remote): ScopeVariables[] {
  // The list is an array that the engine made for this, without the prototype of arrays.
  const [entries] = valuesOf([scopeList])
  const scopes: ScopeVariables[] = []
  for (const { description, object } of Array.from(entries as ArrayLike<ScopeEntry>)) {
    const kind = scopeKind(description)
    scopes.push({ kind, variables: kind === 'global' ? {} : object })
  }
  return scopes
}

interface ScopeEntry {
  readonly description: string
  readonly object: Record<string, unknown>
}

function scopeKind(description: string): ScopeVariables['kind'] {
  if (description === 'Global') return 'global'
  if (description === 'Module') return 'module'
  return description === 'Script' ? 'script' : 'local'
}

const scripts = new Map<string, ScriptText | undefined>()
/** The URLs of all ES modules that were there when files were last read. */
const modules = new Set<string>()

/** The URLs of the ES modules that were loaded before files were last read. */
export function loadedModules(): ReadonlySet<string> {
  return modules
}

/** The file that a script number stands for; undefined if the engine no longer has it. */
export function scriptText(scriptId: string): ScriptText | undefined {
  if (!scripts.has(scriptId)) readScripts(scriptId)
  return scripts.get(scriptId)
}

interface ParsedScript {
  readonly scriptId: string
  readonly url: string
  readonly isModule?: boolean
}

/** All scripts that the engine told of since the debugger was switched on. */
const listed = new Map<string, ParsedScript>()
/** Those among them of which none was looked at yet. */
let unread: ParsedScript[] = []

function noteScript({ params }: { params: ParsedScript }): void {
  listed.set(params.scriptId, params)
  unread.push(params)
}

/**
 * Switching the debugger on costs tens of milliseconds, as the engine goes through every script, so all
 * of the user's files are read while it is on. Files of packages are read one by one: it stays on for
 * the next, until this run of code ends. While it is on, all else that is asked takes twice as long.
 */
function readScripts(wanted: string): void {
  connect()
  const wasOn = isOn
  debuggerOn()
  for (const script of unread) {
    if (script.isModule === true) modules.add(script.url)
    if (isOfUser(script)) readScript(script)
  }
  unread = []
  const script = listed.get(wanted)
  if (script !== undefined) readScript(script)
  if (!scripts.has(wanted)) scripts.set(wanted, undefined)
  if (!wasOn && (script === undefined || isOfUser(script))) debuggerOff()
}

function isOfUser({ url }: ParsedScript): boolean {
  return /^(file:|[/\\]|[A-Za-z]:)/.test(url) && !url.includes('/node_modules/')
}

function readScript({ scriptId, url, isModule = false }: ParsedScript): void {
  if (scripts.has(scriptId)) return
  try {
    const { scriptSource } = post<{ scriptSource: string }>('Debugger.getScriptSource', {
      scriptId,
    })
    scripts.set(scriptId, { url, isModule, text: scriptSource })
  } catch {
    // The engine let go of a script; functions of it are described without their file.
  }
}

/** The text of a file of the user's own as the engine runs it, if it was read before. */
export function loadedText(url: string): string | undefined {
  let found: string | undefined
  for (const script of scripts.values()) if (script?.url === url) found = script.text
  return found
}

let isOn = false

/**
 * On until this run of code ends; it stops nowhere but where it is told to. It does not stay on: with it,
 * a `debugger` statement would stop this thread for good.
 */
function debuggerOn(): void {
  if (isOn) return
  session!.on('Debugger.scriptParsed', noteScript)
  post('Debugger.enable')
  post('Debugger.setSkipAllPauses', { skip: true })
  isOn = true
  queueMicrotask(debuggerOff)
}

function debuggerOff(): void {
  if (!isOn) return
  isOn = false
  session!.off('Debugger.scriptParsed', noteScript)
  post('Debugger.disable')
  listed.clear()
  unread = []
}

/** A call in which the debugger stopped. */
export interface PausedFrame {
  readonly callFrameId: string
  readonly location: { readonly scriptId: string }
  readonly functionLocation?: {
    readonly scriptId: string
    readonly lineNumber: number
    readonly columnNumber?: number
  }
}

/** What is done where the debugger stopped: step into a call, or end the whole. */
export type Look = (
  frame: PausedFrame,
  /** Says what an expression is there; undefined if it throws. */
  evaluate: (expression: string) => Remote | undefined,
  take: (remote: Remote) => unknown,
) => 'into' | 'out' | 'end'

/**
 * Steps into a call of a function; `look` is shown each place, and says how to go on. `args` is the
 * text of the arguments.
 */
export function stepping(fn: Function, args: string, look: Look): void {
  connect()
  const name = `skein.step.${Math.random()}`
  // The text of a generator begins with the first value that it is asked for.
  const start = types.isGeneratorFunction(fn) ? '.next()' : ''
  let own: string | undefined
  const onPaused = ({ params }: { params: { callFrames: PausedFrame[] } }) => {
    own ??= params.callFrames[0]!.location.scriptId
    // The call came to its end without a stop where one was looked for; this is our own code.
    if (!params.callFrames.some(({ location }) => location.scriptId === own)) {
      post('Debugger.resume')
      return
    }
    let next: ReturnType<Look> = 'end'
    // What runs while it looks is nothing to stop at.
    post('Debugger.setSkipAllPauses', { skip: true })
    try {
      next = look(params.callFrames[0]!, evaluateIn(params.callFrames[0]!), takeRemote)
    } finally {
      post('Debugger.setSkipAllPauses', { skip: false })
      if (next === 'into') post('Debugger.stepInto')
      else if (next === 'out') post('Debugger.stepOut')
      else post('Debugger.resume', { terminateOnResume: true })
    }
  }
  debuggerOn()
  Object.defineProperty(globalThis, name, { value: fn, configurable: true })
  session!.on('Debugger.paused', onPaused)
  try {
    post('Debugger.setSkipAllPauses', { skip: false })
    const expression = `debugger;Reflect.apply(globalThis[${JSON.stringify(name)}],undefined,[${args}])${start}`
    post('Runtime.evaluate', { expression, silent: true, objectGroup: group })
  } catch {
    // That is how a call that was ended answers.
  } finally {
    session!.off('Debugger.paused', onPaused)
    post('Debugger.setSkipAllPauses', { skip: true })
    Reflect.deleteProperty(globalThis, name)
    release()
  }
}

function evaluateIn({ callFrameId }: PausedFrame): (expression: string) => Remote | undefined {
  return (expression) => {
    const { result, exceptionDetails } = post<{ result: Remote; exceptionDetails?: object }>(
      'Debugger.evaluateOnCallFrame',
      { callFrameId, expression, silent: true, objectGroup: group },
    )
    return exceptionDetails === undefined ? result : undefined
  }
}

function takeRemote(remote: Remote): unknown {
  return valuesOf([asArgument(remote)])[0]
}
