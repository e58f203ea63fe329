/**
 * From a function to its description: its text, and the values of the names in it that are declared
 * around it, as they are at the time of the call.
 *
 * Only what is used goes along: of an object that is used only as `config.limit`, an object with
 * `limit` and nothing else. Names that turn out to be globals of the language do not go along.
 * Values are not judged here, only names: whether a value can travel is for the codec to say.
 */
import { types } from 'node:util'
import { NotPortableError } from '../errors.js'
import { operationReference } from '../operation.js'
import { type Analysis, analyze, META_NAME } from './analysis.js'
import { type FileNames, fileNames } from './files.js'
import { type ScopeVariables, type Surroundings, surroundings } from './inspect.js'
import { isStandardGlobal } from './intrinsics.js'
import { pruneValue } from './prune.js'
import { describeReference, enterImport } from './references.js'
import type { Use } from './scopes.js'
import type { FunctionDescription, Origin, SourceDescription } from './types.js'

/** Descriptions that cannot change: all names in them are bound for good. */
const settled = new WeakMap<Function, FunctionDescription>()

const functionToString = Function.prototype.toString

/**
 * Describes a function; `path` is how it was reached, for the error that says it cannot travel.
 *
 * `describeFunction((x) => x + offset)` has the source, and `captureNames: ['offset']`.
 */
export function describeFunction(fn: Function, path: readonly string[] = []): FunctionDescription {
  const known = settled.get(fn)
  if (known !== undefined) return known
  const here = path.length > 0 ? path : [fn.name || 'this function']
  if (types.isProxy(fn)) throw new NotPortableError(here, 'it is a Proxy')
  const operation = operationReference(fn)
  if (operation !== undefined) return settle(fn, { kind: 'operation', ...operation })

  const source = functionToString.call(fn)
  if (source.endsWith('{ [native code] }')) return describeNative(fn, here)
  const reference = describeReference(fn)
  if (reference !== undefined) return settle(fn, reference)
  const analysis = analyze(source)
  if (analysis === undefined)
    throw new NotPortableError(here, `its text cannot be read: ${source.slice(0, 60)}`)
  return new Describer(fn, analysis, here).describe()
}

function settle<D extends FunctionDescription>(fn: Function, description: D): D {
  settled.set(fn, description)
  return description
}

function describeNative(fn: Function, path: readonly string[]): FunctionDescription {
  const reference = describeReference(fn)
  if (reference !== undefined) return settle(fn, reference)
  const { bound } = surroundings(fn)
  if (bound !== undefined) {
    const properties = ownProperties(fn)
    return { kind: 'bound', ...bound, properties }
  }
  throw new NotPortableError(path, 'it is native code, which has no text to send')
}

const builtInProperties = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

function ownProperties(fn: Function): (readonly [string | symbol, unknown])[] {
  const found: (readonly [string | symbol, unknown])[] = []
  for (const key of Reflect.ownKeys(fn)) {
    if (typeof key === 'string' && builtInProperties.has(key)) continue
    const descriptor = Object.getOwnPropertyDescriptor(fn, key)!
    if (descriptor.enumerable && 'value' in descriptor) found.push([key, descriptor.value])
  }
  return found
}

/** One function being described. */
class Describer {
  private readonly fn: Function
  private readonly analysis: Analysis
  private readonly path: readonly string[]
  private around: Surroundings | undefined
  private file: FileNames | undefined
  private readonly names: string[] = []
  private readonly values: unknown[] = []
  /** Whether another look at the function could find another value. */
  private fixed = true

  constructor(fn: Function, analysis: Analysis, path: readonly string[]) {
    this.fn = fn
    this.analysis = analysis
    this.path = path
  }

  describe(): SourceDescription {
    const { analysis, fn } = this
    if (analysis.free.size > 0) this.captureNames()
    if (analysis.extends) this.add('extends', Object.getPrototypeOf(fn))
    const properties = ownProperties(fn)
    if (properties.length > 0) this.fixed = false
    const description: SourceDescription = {
      kind: 'source',
      source: analysis.source,
      name: typeof fn.name === 'string' ? fn.name : '',
      form: analysis.form,
      strict: this.isStrict(),
      captureNames: this.names,
      captures: this.values,
      propertyNames: properties.map(([name]) => name),
      properties: properties.map(([, value]) => value),
      origin: this.origin(),
    }
    return this.fixed && analysis.free.size > 0 ? settle(fn, description) : description
  }

  private captureNames(): void {
    const { free } = this.analysis
    this.around = surroundings(this.fn)
    this.file = fileNames(this.around.location)
    for (const [name, uses] of free) {
      const refusal = refusedNames.get(name) ?? (name.startsWith('#') ? privateName : undefined)
      if (refusal !== undefined) throw new NotPortableError([...this.path, name], refusal)
      if (name === 'import.meta') this.captureMeta(uses)
      else this.captureName(name, uses)
    }
  }

  private captureName(name: string, uses: readonly Use[]): void {
    const scope = this.around!.scopes.find((s) => Object.hasOwn(s.variables, name))
    if (scope === undefined) {
      this.captureGlobal(name)
      return
    }
    const value = (scope.variables as ScopeVariables['variables'])[name]
    if (this.file !== undefined) enterImport(this.file, name, value)
    const pruned = pruneValue(name, value, uses, this.file)
    this.add(name, pruned)
    // A name may not have its value yet, and a file that cannot be read may assign to it.
    if (pruned !== value || value === undefined || this.file === undefined) this.fixed = false
    else if (this.file.written.has(name) || this.file.imports.has(name)) this.fixed = false
  }

  /** A global of the language is on the other side as well; one that a user made goes along. */
  private captureGlobal(name: string): void {
    if (isStandardGlobal(name) || !(name in globalThis)) return
    this.fixed = false
    this.add(name, (globalThis as Record<string, unknown>)[name])
  }

  private captureMeta(uses: readonly Use[]): void {
    const url = this.file?.url
    for (const { path } of uses)
      if (path[0] !== 'url' || url === undefined)
        throw new NotPortableError(
          [...this.path, ['import.meta', ...path].join('.')],
          'only import.meta.url can go along; put the value in a variable',
        )
    this.add(META_NAME, { url })
  }

  private add(name: string, value: unknown): void {
    this.names.push(name)
    this.values.push(value)
  }

  private isStrict(): boolean {
    const { form, strict } = this.analysis
    if (!strict) return false
    // Sloppy functions of the old kind are the only ones with an own property `arguments`.
    return form !== 'expression' || !Object.hasOwn(this.fn, 'arguments')
  }

  private origin(): Origin | undefined {
    const { file } = this
    const location = this.around?.location
    if (file === undefined || location === undefined || file.url === '') return undefined
    return { file: file.url, line: location.line + 1, column: location.column + 1 }
  }
}

const refusedNames: ReadonlyMap<string, string> = new Map([
  [
    'this',
    'an arrow function uses the `this` of the function around it, which cannot be read; ' +
      'write `const self = this` outside it and use `self`',
  ],
  ['arguments', 'it uses the `arguments` of the function around it; give them a name'],
  ['new.target', 'it uses the `new.target` of the function around it; give it a name'],
  ['super', 'a method that uses `super` cannot go without its class'],
])
const privateName = 'a method that uses private members cannot go without its class'
