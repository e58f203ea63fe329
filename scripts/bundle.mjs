/**
 * Bundles the compiled modules into a few files: Node takes longer to find and open hundreds of files than to read them,
 * and may run out of open files. A bundle contains the modules of some folders. Each module keeps a file of its own path, which
 * exports the names of the module from its bundle, so that there is one instance of every module, whatever imports it.
 *
 * Bundles are two folders below the root, as are the modules that need `import.meta.url`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The bundles and the modules in each: the first pattern that matches counts. Bundles import one another in one direction,
 * so that modules are evaluated in the right order. Programs and public entry points are in none.
 *
 * Programs and threads load only what they need: the command line `core/bundles/base` and `distributed/bundles/base`, threads
 * all of `core` but `local`, and of collections what runs in tasks; worker processes also `distributed/bundles/worker`.
 */
const bundles = [
  ['core/bundles/base', /^core\/base\//],
  ['core/bundles/local', /^core\/(scheduling|graph\/optimize)\//],
  ['core/bundles/local', /^core\/run\/(choose-get|get-sync|task-copies)$/],
  [
    'core/bundles/local',
    /^core\/run\/threads\/(get-threads|local-|recipe-registry|reported-tasks)/,
  ],
  ['core/bundles/core', /^core\/(?!index$|run\/threads\/executor$)/],
  ['collections/bundles/base', /^collections\/base\//],
  ['collections/bundles/files', /^collections\/files\/(?!io-thread$)/],
  [
    'collections/bundles/array-tasks',
    /^collections\/array\/(blas|block|expressions|factorizations|kernels|planning|steps)\//,
  ],
  ['collections/bundles/array-tasks', /^collections\/array\/io\/array-source$/],
  ['collections/bundles/array', /^collections\/array\/(?!index$)/],
  ['collections/bundles/bag-tasks', /^collections\/bag\/(engine|io|records|steps)\//],
  ['collections/bundles/bag', /^collections\/bag\/(?!index$)/],
  ['distributed/bundles/base', /^distributed\/(base\/|protocol\/version$)/],
  ['distributed/bundles/base', /^distributed\/processes\/(?!local-cluster$)/],
  ['distributed/bundles/cluster', /^distributed\/(client\/(?!client-hello$)|scheduler\/)/],
  ['distributed/bundles/cluster', /^distributed\/processes\/local-cluster$/],
  ['distributed/bundles/worker', /^distributed\/(?!index$|cli\/)/],
]

/** Bundles the modules of a folder that the compiler has written. */
export async function bundleModules(folder) {
  const { build } = await import('esbuild')
  const modules = modulesIn(folder)
  const bundleOf = new Map(modules.map((module) => [module, bundleFor(module)]))
  const shared = {
    absWorkingDir: folder,
    outdir: folder,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'warning',
  }
  const entryPoints = modules.map((module) => `${module}.js`)
  const { metafile } = await build({ ...shared, metafile: true, entryPoints })
  const namesOf = (file) => metafile.outputs[file].exports
  const exported = exportedNames(folder, bundleOf, namesOf)
  const linked = (bundle) => ({
    ...shared,
    bundle: true,
    plugins: [
      { name: 'bundles', setup: (own) => linkBundles(own, folder, bundle, bundleOf, exported) },
      { name: 'names', setup: (own) => nameExports(own, folder, namesOf) },
    ],
  })
  const results = await Promise.all([
    build({
      ...linked(undefined),
      entryPoints: modules
        .filter((module) => bundleOf.get(module) === undefined)
        .map((module) => ({ in: `./${module}.js`, out: module })),
    }),
    ...[...new Set(bundles.map(([bundle]) => bundle))].map((bundle) =>
      build({ ...linked(bundle), entryPoints: [{ in: bundle, out: bundle }] }),
    ),
  ])
  for (const [module, bundle] of bundleOf) {
    if (bundle === undefined) continue
    const from = relative(path.dirname(module), bundle)
    const names = exported.get(module).map(({ name, inBundle }) => `${inBundle} as ${name}`)
    writeFileSync(
      path.join(folder, `${module}.js`),
      `export { ${names.join(', ')} } from '${from}'\n`,
    )
  }
  for (const { outputFiles } of results) {
    for (const { path: file, text } of outputFiles) {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, withNames(text))
    }
  }
}

/**
 * Restores names that esbuild has changed: those of classes that refer to themselves, as in `var Bag = class _Bag`, and those
 * of exported functions if another module has a variable of the same name, as in `export { literal2 as literal }`.
 */
function withNames(code) {
  const renamed = [...code.matchAll(/^ {2}([\w$]+\d) as ([\w$]+),?$/gm)]
    .filter(([, own]) =>
      new RegExp(`^(async )?function\\*? ${own.replace('$', '\\$')}\\(`, 'm').test(code),
    )
    .map(([, own, name]) => [own, name.replace(/\$\$\d+$/, '')])
    .map(([own, name]) => `Object.defineProperty(${own}, "name", { value: "${name}" });\n`)
    .join('')
  const at = code.lastIndexOf('export {')
  return withClassNames(at < 0 ? code : code.slice(0, at) + renamed + code.slice(at))
}

function withClassNames(code) {
  return [...code.matchAll(/^var ([\w$]+) = class _\1\b/gm)].reduce(
    (changed, [, name]) => changed.replace(new RegExp(`(?<![\\w$.])_${name}\\b`, 'g'), name),
    code,
  )
}

/**
 * Returns, for each module in a bundle, its names and those that they have in the bundle. A name that several modules of
 * a bundle declare gets the module's number there.
 */
function exportedNames(folder, bundleOf, namesOf) {
  const modules = [...bundleOf.keys()].filter((module) => bundleOf.get(module) !== undefined)
  const passedOn = new Map(modules.map((module) => [module, passedOnBy(folder, module)]))
  const declared = new Set()
  const ambiguous = new Set()
  const keyOf = (module, name) => `${bundleOf.get(module)} ${name}`
  for (const module of modules) {
    for (const name of namesOf(`${module}.js`)) {
      if (passedOn.get(module).has(name)) continue
      const key = keyOf(module, name)
      if (declared.has(key)) ambiguous.add(key)
      declared.add(key)
    }
  }
  return new Map(
    modules.map((module, i) => {
      const names = namesOf(`${module}.js`).map((name) => {
        const inBundle = ambiguous.has(keyOf(module, name)) ? `${name}$$${i}` : name
        // Another module of the bundle has it too.
        const isPassedOn =
          inBundle === name && passedOn.get(module).has(name) && declared.has(keyOf(module, name))
        return { name, inBundle, isPassedOn }
      })
      return [module, names]
    }),
  )
}

/** Returns the names that a module has from others and does not change. */
function passedOnBy(folder, module) {
  const source = readFileSync(path.join(folder, `${module}.js`), 'utf8')
  const lists = [...source.matchAll(/^export \{([^}]*)\} from ['"]\./gm)].map(([, list]) => list)
  return new Set(
    lists
      .flatMap((list) => list.split(','))
      .map((name) => name.trim())
      .filter((name) => !name.includes(' as ')),
  )
}

/** Returns the paths of the modules in a folder, without extensions. */
function modulesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3).replaceAll(path.sep, '/'))
    .sort()
}

function bundleFor(module) {
  return bundles.find(([, pattern]) => pattern.test(module))?.[0]
}

/** Includes the modules of a bundle, and leaves imports of packages and of other bundles as imports. */
function linkBundles(build, folder, bundle, bundleOf, exported) {
  build.onResolve({ filter: /./ }, ({ path: specifier, kind, resolveDir, importer }) => {
    if (specifier === bundle) return { path: bundle, namespace: 'bundle' }
    if (kind === 'entry-point') return undefined
    if (!specifier.startsWith('.')) return { path: specifier, external: true }
    const module = path
      .relative(folder, path.resolve(resolveDir, specifier))
      .replaceAll(path.sep, '/')
      .slice(0, -3)
    const other = bundleOf.get(module)
    if (other === bundle && bundle !== undefined) return undefined
    const from = bundle === undefined ? resolveDir : path.join(folder, path.dirname(bundle))
    // The namespace of a bundle has the exports of all its modules, some under other names.
    const isRenamed = exported.get(module)?.some(({ name, inBundle }) => name !== inBundle)
    const isOwn = isRenamed || importsNamespace(importer, specifier)
    const target = isOwn ? module : (other ?? module)
    return { path: relative(path.relative(folder, from), target), external: true }
  })
  build.onLoad({ filter: /./, namespace: 'bundle' }, () => {
    const own = [...bundleOf].filter(([, other]) => other === bundle)
    const lines = own.map(([module]) => {
      const names = exported
        .get(module)
        .filter(({ isPassedOn }) => !isPassedOn)
        .map(({ name, inBundle }) => `${name} as ${inBundle}`)
      return `export { ${names.join(', ')} } from './${module}.js'`
    })
    return { contents: lines.join('\n'), resolveDir: folder }
  })
}

/** Writes `export * from` as a list of names: a bundle has those of other modules too. */
function nameExports(build, folder, namesOf) {
  build.onLoad({ filter: /\/index\.js$/, namespace: 'file' }, ({ path: file }) => {
    const source = readFileSync(file, 'utf8')
    const contents = source.replace(/^export \* from (['"])(\..+)\1/gm, (_, _quote, specifier) => {
      const module = path.relative(folder, path.resolve(path.dirname(file), specifier))
      return `export { ${namesOf(module.replaceAll(path.sep, '/')).join(', ')} } from '${specifier}'`
    })
    return { contents }
  })
}

/** Whether a file has `import * as` of a specifier. */
function importsNamespace(file, specifier) {
  const namespaces = /^(?:import|export) \* as \w+ from ['"]([^'"]+)['"]/gm
  return [...readFileSync(file, 'utf8').matchAll(namespaces)].some(([, name]) => name === specifier)
}

/** Returns the specifier of a module for a file in a folder; both paths begin at the root. */
function relative(folder, module) {
  const found = path.posix.relative(folder.replaceAll(path.sep, '/'), module)
  return `${found.startsWith('.') ? found : `./${found}`}.js`
}
