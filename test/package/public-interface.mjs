/**
 * Reads the declarations of the installed package with the API of an older TypeScript (version 7 has none), and
 * prints JSON:
 *
 * - `unnamed`: types that a public declaration mentions and that the entry point does not export. A type
 *   that inference gives can be written to a declaration file only if it has a public name.
 * - `any`: public declarations with `any`.
 * - `programs`: for each entry point, a module that exports a function for every public member of every
 *   class, interface and object, and for every function. Each has the parameters of the member, type
 *   parameters included, and no return type, so that the compiler has to write what it infers.
 *
 * Usage: node public-interface.mjs <typescript package> <entry point>=<declaration file>...
 */
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(path.join(process.cwd(), 'index.js'))
const ts = require(process.argv[2])
const entries = process.argv.slice(3).map((pair) => pair.split('='))
const root = path.join(process.cwd(), '..', 'node_modules', 'skein', 'dist')
const { SyntaxKind, SymbolFlags } = ts

const program = ts.createProgram(
  entries.map(([, file]) => file),
  {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    skipLibCheck: true,
  },
)
const checker = program.getTypeChecker()

const resolve = (symbol) =>
  symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
const isOurs = (node) => path.normalize(node.getSourceFile().fileName).startsWith(root)
const moduleOf = (file) => checker.getSymbolAtLocation(program.getSourceFile(file))

/** The names that are exported as types only, for each map of exports. */
const typeNames = new WeakMap()

function isTypeOnly(exported) {
  return exported.declarations?.some(
    (node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly),
  )
}

/** Returns the exports of a module by symbol, those of its namespaces as `da.Array`. */
function exportsOf(module, prefix = '', found = new Map()) {
  if (!typeNames.has(found)) typeNames.set(found, new Set())
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = resolve(exported)
    if (found.has(symbol)) continue
    found.set(symbol, prefix + exported.name)
    if (isTypeOnly(exported)) typeNames.get(found).add(prefix + exported.name)
    if (symbol.flags & SymbolFlags.ValueModule)
      exportsOf(symbol, `${prefix}${exported.name}.`, found)
  }
  return found
}

/** Whether a declaration is at the top of a file of the package. */
function isTopLevel(declaration) {
  if (ts.isSourceFile(declaration) || !isOurs(declaration)) return false
  const outer = ts.isVariableDeclaration(declaration)
    ? declaration.parent.parent.parent
    : declaration.parent
  return ts.isSourceFile(outer)
}

const isHidden = (node) =>
  node.modifiers?.some(
    ({ kind }) => kind === SyntaxKind.PrivateKeyword || kind === SyntaxKind.ProtectedKeyword,
  )

/** Whether a member's name is a symbol that users do not have. */
function isUnreachable(node, named) {
  if (node.name === undefined || !ts.isComputedPropertyName(node.name)) return false
  const symbol = checker.getSymbolAtLocation(node.name.expression)
  if (symbol === undefined) return false
  const own = resolve(symbol)
  return isOurs(own.declarations[0]) && !named.has(own)
}

/** Calls `visit` with each declared type, function or constant that a declaration mentions. */
function eachMention(node, named, visit) {
  if (isHidden(node) || ts.isConstructorDeclaration(node) || isUnreachable(node, named)) return
  if (ts.isTypeQueryNode(node)) return
  const below = (child) => eachMention(child, named, visit)
  if (ts.isConditionalTypeNode(node)) {
    // Only a branch is ever the result.
    below(node.trueType)
    below(node.falseType)
    return
  }
  if (ts.isMappedTypeNode(node)) {
    if (node.type !== undefined) below(node.type)
    return
  }
  if (ts.isHeritageClause(node)) {
    // Members of a base are members; the base itself is never inferred.
    for (const { expression, typeArguments } of node.types) {
      const symbol = checker.getSymbolAtLocation(expression)
      if (symbol !== undefined) visit(resolve(symbol), true)
      typeArguments?.forEach(below)
    }
    return
  }
  if (node.kind === SyntaxKind.AnyKeyword) visit(undefined, false, node)
  if (ts.isIdentifier(node) && node.parent.name !== node) {
    const symbol = checker.getSymbolAtLocation(node)
    if (symbol !== undefined) visit(resolve(symbol), false, node)
  }
  ts.forEachChild(node, below)
}

/** Returns the mentioned types without a public name, and declarations with `any`. */
function checkNames(named) {
  const unnamed = new Set()
  const any = new Set()
  const seen = new Set()
  const check = (symbol) => {
    if (seen.has(symbol)) return
    seen.add(symbol)
    for (const declaration of symbol.declarations ?? []) {
      if (!isTopLevel(declaration)) continue
      eachMention(declaration, named, (mentioned, isBase, node) => {
        if (mentioned === undefined) {
          any.add(`${symbol.name}: ${node.parent.getText()}`)
          return
        }
        if (!mentioned.declarations?.some(isTopLevel)) return
        if (!isBase && !named.has(mentioned)) unnamed.add(`${mentioned.name}, in ${symbol.name}`)
        check(mentioned)
      })
    }
  }
  for (const symbol of named.keys()) check(symbol)
  return { unnamed: [...unnamed], any: [...any] }
}

/** Returns the text for an import from another package, such as `import('apache-arrow').Table`. */
function importOf(symbol) {
  const [specifier] = symbol.declarations ?? []
  if (specifier === undefined || !ts.isImportSpecifier(specifier)) return undefined
  return `import(${specifier.parent.parent.parent.moduleSpecifier.getText()}).${symbol.name}`
}

/** Returns the text of a type with public names, such as `api.Array<D>`. */
function textOf(node, named) {
  const file = node.getSourceFile().text
  let text = ''
  let at = node.getStart()
  const walk = (child) => {
    const isName = ts.isIdentifier(child) && child.parent.name !== child
    const symbol = isName ? checker.getSymbolAtLocation(child) : undefined
    const name = symbol && (named.get(resolve(symbol)) ?? importOf(symbol))
    if (name === undefined) return ts.forEachChild(child, walk)
    text += file.slice(at, child.getStart()) + name
    at = child.end
  }
  walk(node)
  return text + file.slice(at, node.end)
}

/** Returns the module that exports every member of an entry point. */
function programOf(entry, named, core) {
  const names = new Map([...core].map(([symbol, name]) => [symbol, `core.${name}`]))
  for (const [symbol, name] of named) names.set(symbol, `api.${name}`)
  const lines = [`import * as api from '${entry}'`, `import * as core from 'skein/core'`]
  let count = 0
  const text = (node) => textOf(node, names)
  const add = (typeParameters, parameters, body) => {
    const typeText = ({ name, constraint }) =>
      constraint === undefined ? name.text : `${name.text} extends ${text(constraint)}`
    const types = typeParameters.map(typeText).join(', ')
    const head = types === '' ? '' : `<${types}>`
    lines.push(`export function f${count++}${head}(${parameters.join(', ')}) { return ${body} }`)
  }
  /** Adds a function for one signature; `callee` is called, in a function with the parameters `self`. */
  const addCall = (callee, declaration, outer, self) => {
    const parameters = declaration.parameters.filter(({ name }) => name.getText() !== 'this')
    const written = parameters.map(({ dotDotDotToken, questionToken, type }, i) => {
      const name = `${dotDotDotToken ? '...' : ''}a${i}${questionToken ? '?' : ''}`
      return `${name}: ${type === undefined ? 'unknown' : text(type)}`
    })
    const passed = parameters.map(({ dotDotDotToken }, i) => `${dotDotDotToken ? '...' : ''}a${i}`)
    const own = declaration.typeParameters ?? []
    const names = new Set(own.map(({ name }) => name.text))
    const visible = outer.filter(({ name }) => !names.has(name.text))
    add([...visible, ...own], [...self, ...written], `${callee}(${passed.join(', ')})`)
  }
  /** Adds a function for each public member of a declaration. */
  const addMembers = (object, declaration, outer, selfType, typesOnly) => {
    for (const member of declaration.members) {
      if (isHidden(member) || member.name === undefined || isUnreachable(member, named)) continue
      if (ts.isPrivateIdentifier(member.name)) continue
      const isStatic = member.modifiers?.some(({ kind }) => kind === SyntaxKind.StaticKeyword)
      if (isStatic && typesOnly) continue
      const receiver = isStatic || selfType === undefined ? object : 'self'
      const bound = member.parameters?.find(({ name }) => name.getText() === 'this')
      const type = bound === undefined ? selfType : text(bound.type)
      const self = receiver === 'self' ? [`self: ${type}`] : []
      const types = isStatic ? [] : outer
      const { name } = member
      const access = ts.isComputedPropertyName(name)
        ? `${receiver}${text(name)}`
        : ts.isStringLiteral(name)
          ? `${receiver}[${name.getText()}]`
          : `${receiver}.${name.text}`
      if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member)) {
        if (!member.questionToken) addCall(access, member, types, self)
      } else if (!ts.isSetAccessor(member)) add(types, self, access)
    }
  }
  for (const [symbol, name] of named) {
    for (const declaration of symbol.declarations ?? []) {
      const outer = declaration.typeParameters ?? []
      const args = outer.length === 0 ? '' : `<${outer.map(({ name }) => name.text).join(', ')}>`
      if (ts.isFunctionDeclaration(declaration)) addCall(`api.${name}`, declaration, [], [])
      else if (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration)) {
        const typesOnly = typeNames.get(named).has(name)
        addMembers(`api.${name}`, declaration, [...outer], `api.${name}${args}`, typesOnly)
      } else if (ts.isVariableDeclaration(declaration)) {
        if (declaration.type !== undefined && ts.isTypeLiteralNode(declaration.type)) {
          addMembers(`api.${name}`, declaration.type, [], undefined)
          continue
        }
        const type = checker.getTypeOfSymbolAtLocation(symbol, declaration)
        for (const signature of type.getCallSignatures()) {
          addCall(`api.${name}`, signature.declaration, [], [])
        }
      }
    }
  }
  return `${lines.join('\n')}\n`
}

const unnamed = {}
const any = {}
const programs = {}
const perModule = Object.fromEntries(
  entries.map(([entry, file]) => [entry, exportsOf(moduleOf(file))]),
)
for (const [entry] of entries) {
  const named = perModule[entry]
  // The core's types have names in `skein/core`, which the declarations of every entry point load.
  const all = new Map([...perModule['skein/core'], ...named])
  const found = checkNames(all)
  unnamed[entry] = found.unnamed
  any[entry] = found.any
  programs[entry] = programOf(entry, named, perModule['skein/core'])
}
console.log(JSON.stringify({ unnamed, any, programs }))
