/**
 * Bundles that are compiled when they are first used, since V8 takes longer to parse the whole package than all else that
 * an import does. `core/base/deferred-bundle.ts` evaluates them.
 *
 * - A deferred bundle is written as a script, and as an ES module, which has the exports of the script.
 * - Other bundles have an object in place of the imports from a deferred bundle: `import { Engine }` is removed, and `Engine` is
 *   replaced by `deferred0.Engine`, which evaluates the bundle when it is first read.
 * - The package's entry point has such objects in place of the namespaces `da` and `db`.
 */
import path from 'node:path'

const deferred = new Set([
  'core/bundles/local',
  'core/bundles/core',
  'core/bundles/functions',
  'collections/bundles/files',
  'collections/bundles/array-tasks',
  'collections/bundles/array-more-tasks',
  'collections/bundles/array',
  'collections/bundles/array-files',
  'collections/bundles/array-more',
  'collections/bundles/array-random',
  'collections/bundles/bag-tasks',
  'collections/bundles/bag',
  'distributed/bundles/keys',
  'distributed/bundles/cluster',
  'distributed/bundles/worker',
])

/** Deferred bundles that few users of others need: these too evaluate them when they first read an export. */
const seldomNeeded = /\/(functions|files|array-(more-tasks|files|more|random))$/

/** Whether a bundle has an object in place of the imports from another. */
function isReadLater(from, to) {
  if (from === to || !deferred.has(to)) return false
  const areBagsOfArrays = /\/bag/.test(from) && /\/array/.test(to)
  return !deferred.has(from) || seldomNeeded.test(to) || areBagsOfArrays
}

/** The namespaces in the package's entry point: their names there, and their modules. */
const namespaces = [
  { name: 'da', module: 'collections/array/index' },
  { name: 'db', module: 'collections/bag/index' },
]

const entryPoint = 'index'
const loader = 'core/bundles/base'
const importStatement = /^import (?:\{([^}]*)\}|\* as (\w+)) from ['"](\.[^'"]+)['"];?$/gm

/**
 * The imports in the modules of one bundle that are read later. `sources` has the code of its modules by path. `targetOf` returns, for a module, its bundle and the names of its exports there; undefined for a module in none.
 */
export class DeferredImports {
  /** What esbuild replaces free names by. */
  define = {}
  /** The deferred bundles. */
  bundles = []
  #targetOf

  constructor(bundle, sources, targetOf) {
    this.#targetOf = (module) => {
      const target = targetOf(module)
      return target !== undefined && isReadLater(bundle, target.bundle) ? target : undefined
    }
    for (const [module, code] of sources) {
      for (const [, list, namespace, specifier] of code.matchAll(importStatement))
        this.#add(this.#targetOf(resolve(module, specifier)), list, namespace)
    }
  }

  #add(target, list, namespace) {
    if (target === undefined) return
    if (!this.bundles.includes(target.bundle)) this.bundles.push(target.bundle)
    const object = `deferred${this.bundles.indexOf(target.bundle)}`
    if (namespace !== undefined) {
      const renamed = [...target.names].find(([name, inBundle]) => name !== inBundle)
      if (renamed !== undefined)
        throw new Error(`${namespace}.${renamed[0]} has another name in ${target.bundle}`)
      this.#replace(namespace, object)
      return
    }
    for (const [name, local] of namesIn(list))
      this.#replace(local, `${object}.${target.names.get(name)}`)
  }

  #replace(local, replacement) {
    if (local in globalThis) throw new Error(`${local} is imported later and is a global`)
    if ((this.define[local] ?? replacement) !== replacement)
      throw new Error(`Two modules of a bundle import different things as ${local}`)
    this.define[local] = replacement
  }

  /** Returns the code of a module without its imports from deferred bundles. */
  removeFrom(module, code) {
    return code.replace(importStatement, (statement, _list, _namespace, specifier) => {
      return this.#targetOf(resolve(module, specifier)) === undefined ? statement : ''
    })
  }

  /** The declarations of the objects. */
  get declarations() {
    return this.bundles.map((bundle, i) => `const deferred${i} = deferredBundle("${bundle}");`)
  }
}

/**
 * Changes the files that esbuild has made, a map of code by path without extension. `importsOf` returns the `DeferredImports` of
 * a bundle, and `publicExports` what an entry point exports.
 */
export function deferBundles(files, { bundles, targetOf, importsOf, publicExports }) {
  /** The bundles that each bundle imports. */
  const imported = new Map()
  for (const bundle of bundles) {
    const code = files.get(bundle)
    const own = importedBundles(bundle, code, targetOf)
    imported.set(bundle, [...own, ...importsOf(bundle).bundles])
  }
  /** Imports the ES modules that deferred bundles need. */
  const preload = (from, first) => {
    const needed = new Set(first)
    for (const bundle of needed)
      if (deferred.has(bundle)) for (const other of imported.get(bundle)) needed.add(other)
    return [...needed]
      .filter((bundle) => bundle !== from && !deferred.has(bundle))
      .map((bundle) => `import "${relative(from, bundle)}";`)
  }
  for (const bundle of bundles) {
    const code = files.get(bundle)
    if (deferred.has(bundle)) {
      const { script, exports } = scriptOf(bundle, code, targetOf, importsOf(bundle).declarations)
      files.set(`${bundle}.script`, script)
      files.set(bundle, moduleOf(bundle, exports, preload(bundle, [bundle])))
    } else {
      const { declarations, bundles: used } = importsOf(bundle)
      const lines = [
        ...preload(bundle, used),
        `import * as ownExports from "${relative(bundle, bundle)}";`,
        ...declarations,
        `provideBundle("${bundle}", ownExports);`,
      ]
      files.set(
        bundle,
        bundle === loader
          ? `${code}\n${lines.join('\n')}\n`
          : `import { deferredBundle, provideBundle } from "${relative(bundle, loader)}";\n${lines.join('\n')}\n${code}`,
      )
    }
  }
  const { code, used } = entryPointOf(files.get(entryPoint), targetOf, publicExports)
  files.set(entryPoint, `${preload(entryPoint, used).join('\n')}\n${code}`)
}

function importedBundles(bundle, code, targetOf) {
  const specifiers = [...code.matchAll(/^import (?:.+ from )?"(\..+)";$/gm)].map(([, name]) => name)
  const found = specifiers.map((specifier) => {
    const module = resolve(bundle, specifier)
    return targetOf(module)?.bundle ?? module
  })
  return [...new Set(found)]
}

/** Makes a script of an ES module: a function that gets its imports from two others and returns its exports. */
function scriptOf(bundle, code, targetOf, declarations) {
  if (/(await|return|=|\() import\(/.test(code))
    throw new Error(`${bundle} is deferred, so it cannot have import()`)
  const bindings = new Bindings(bundle, targetOf)
  const end = code.lastIndexOf('\nexport {')
  const body = code
    .slice(0, end)
    .replace(/^import (?:(.+) from )?"(.+)";$/gm, (_, clause, specifier) => {
      bindings.add(clause, specifier)
      return ''
    })
    .replaceAll(/\bimport\.meta\.(url|resolve)\b/g, '__meta.$1')
  const exports = namesIn(code.slice(code.indexOf('{', end) + 1, code.lastIndexOf('}')))
  const variables = new Set([...body.matchAll(/^let ([\w$]+)/gm)].map(([, name]) => name))
  const changing = exports.find(([own]) => variables.has(own))
  if (changing !== undefined)
    throw new Error(`${bundle} is deferred, so it cannot export the variable ${changing[0]}`)
  const members = exports.map(([own, name]) => `  ${name}: ${own}`)
  const script = `(function (__bundle, deferredBundle, __node, __meta) { "use strict"; ${[...declarations, ...bindings.declarations].join(' ')} ${body}
return {
${members.join(',\n')}
};
})
`
  return { script, exports: exports.map(([, name]) => name) }
}

/** The imports of a script. */
class Bindings {
  /** The names that are imported from each module, as the patterns of its declaration. */
  #names = new Map()
  #others = []

  constructor(bundle, targetOf) {
    Object.assign(this, { bundle, targetOf })
  }

  add(clause, specifier) {
    const isNode = specifier.startsWith('node:')
    const module = isNode ? undefined : resolve(this.bundle, specifier)
    const target = module === undefined ? undefined : this.targetOf(module)
    const loaded = isNode ? `__node("${specifier}")` : `__bundle("${target?.bundle ?? module}")`
    const names = this.#names.get(loaded) ?? []
    this.#names.set(loaded, names)
    const [, whole, list] = /^(?:(?:\* as )?([\w$]+)(?:, )?)?(?:\{(.*)\})?$/.exec(clause ?? '')
    if (whole !== undefined) {
      // The namespace of a bundle has the exports of other modules too.
      const members = [...(target?.names ?? [])].map(([name, own]) => `${name}: all.${own}`)
      const value = target === undefined ? 'all' : `({ ${members.join(', ')} })`
      this.#others.push(`const ${whole} = ((all) => ${value})(${loaded});`)
    }
    for (const [name, local] of namesIn(list ?? '')) {
      const inBundle = target?.names.get(name) ?? name
      names.push(inBundle === local ? local : `${inBundle}: ${local}`)
    }
  }

  get declarations() {
    const lists = [...this.#names].map(
      ([loaded, names]) => `const { ${names.join(', ')} } = ${loaded};`,
    )
    return [...lists, ...this.#others]
  }
}

/** Returns the ES module with the exports of a script. */
function moduleOf(bundle, exports, preloaded) {
  return `${preloaded.join('\n')}
import { loadBundle } from "${relative(bundle, loader)}";
const {
  ${exports.map((name) => `${name}: _${name}`).join(',\n  ')}
} = loadBundle("${bundle}");
export {
  ${exports.map((name) => `_${name} as ${name}`).join(',\n  ')}
};
`
}

/** Returns the entry point with objects in place of the namespaces, and the bundles of their members. */
function entryPointOf(code, targetOf, publicExports) {
  const used = []
  const member = (own, module, name) => {
    const { bundle, names } = targetOf(module)
    if (!used.includes(bundle)) used.push(bundle)
    const inBundle = names.get(name)
    return inBundle === own ? used.indexOf(bundle) : [used.indexOf(bundle), inBundle]
  }
  const lines = []
  let changed = code
  for (const { name, module } of namespaces) {
    const statement = `import * as ${name} from "./${module}.js";\n`
    if (!changed.includes(statement)) throw new Error(`The entry point does not import ${module}`)
    changed = changed.replace(statement, '')
    const members = [...publicExports(module)].map(([own, found]) => {
      if (found.namespace === undefined) return [own, member(own, found.module, found.name)]
      const inner = found.names.map((each) => [each, member(each, found.namespace, each)])
      return [own, Object.fromEntries(inner)]
    })
    const table = JSON.stringify(Object.fromEntries(members))
    lines.push(`const ${name} = deferredNamespace(bundlesOfNamespaces, ${table});`)
  }
  lines.unshift(
    `import { deferredNamespace } from "./${loader}.js";`,
    `const bundlesOfNamespaces = ${JSON.stringify(used)};`,
  )
  return { code: `${lines.join('\n')}\n${changed}`, used }
}

/** Returns the pairs in a list of names: `a as b, c` are `[a, b]` and `[c, c]`. */
function namesIn(list) {
  return list
    .split(',')
    .map((entry) => entry.trim().split(' as '))
    .filter(([name]) => name !== '')
    .map(([name, other = name]) => [name, other])
}

/** Returns the module that a specifier means in another module. */
function resolve(module, specifier) {
  return path.posix.join(path.posix.dirname(module), specifier).slice(0, -3)
}

/** Returns the specifier of a module for another. */
function relative(from, module) {
  const found = path.posix.relative(path.posix.dirname(from), module)
  return `${found.startsWith('.') ? found : `./${found}`}.js`
}
