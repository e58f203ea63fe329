/**
 * Bundles the compiled modules into a few files: Node takes longer to find and open hundreds of files than to read them,
 * and may run out of open files. A bundle contains the modules of some folders. Each module keeps a file of its own path, which
 * exports the names of the module from its bundle, so that there is one instance of every module, whatever imports it.
 *
 * Bundles are two folders below the root, as are the modules that need `import.meta.url`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DeferredImports, deferBundles } from './deferred-bundles.mjs'

/**
 * The bundles and the modules in each: the first pattern that matches counts. Bundles import one another in one direction,
 * so that modules are evaluated in the right order. Programs and public entry points are in none.
 *
 * Programs and threads load only what they need: the command line `core/bundles/base` and `distributed/bundles/base`, threads
 * all of `core` but `local`, and of collections what runs in tasks; worker processes also `distributed/bundles/worker`. The
 * `public` bundles have what an import evaluates; most others are deferred (`deferred-bundles.mjs`).
 */
const bundles = [
  ['core/bundles/base', /^core\/base\//],
  ['core/bundles/public', /^core\/functions\/describe\/used-members$/],
  ['core/bundles/public', /^core\/codec\/objects\/registered-types$/],
  ['core/bundles/public', /^core\/expressions\/(errors|expression)$/],
  [
    'core/bundles/public',
    /^core\/graph\/(annotate|collection-interface|get|graph|layer|literal|recipe|remote-value|tokenize)$/,
  ],
  [
    'core/bundles/public',
    /^core\/graph\/(optimize\/(cull|fuse|inline)|planning\/(literal-layer|order))$/,
  ],
  ['core/bundles/public', /^core\/run\/(choose-get|get-sync|threads\/get-threads)$/],
  ['core/bundles/local', /^core\/(scheduling|graph\/optimize)\//],
  ['core/bundles/local', /^core\/run\/(choose-get|get-sync|task-copies)$/],
  [
    'core/bundles/local',
    /^core\/run\/threads\/(get-threads|local-|recipe-registry|reported-tasks)/,
  ],
  ['core/bundles/core', /^core\/functions\/rewrite\/(injected-values|reserved-names)$/],
  ['core/bundles/functions', /^core\/functions\/(classes|describe|rewrite|source)\//],
  ['core/bundles/functions', /^core\/expressions\//],
  ['core/bundles/core', /^core\/(?!index$|run\/threads\/executor$)/],
  ['collections/bundles/base', /^collections\/base\//],
  ['collections/bundles/files', /^collections\/files\/(?!io-thread$)/],
  ['collections/bundles/array-more-tasks', /^collections\/array\/(blas|factorizations)\//],
  [
    'collections/bundles/array-more-tasks',
    /^collections\/array\/kernels\/(.*(fft|matmul|philox|quantile|radix|random|sort|wasm)|(continuous|discrete)-|(bincount|histogram|search|topk|unique)-)/,
  ],
  [
    'collections/bundles/array-more-tasks',
    /^collections\/array\/steps\/(bincount|diagonal|fft|gufunc|histogram|linear-algebra|matrix|overlap|panel|quantile|random|search|set|sort|topk|unique|unknown-size)-steps$/,
  ],
  [
    'collections/bundles/array-tasks',
    /^collections\/array\/(block|expressions|kernels|planning|steps)\//,
  ],
  ['collections/bundles/array-tasks', /^collections\/array\/io\/array-source$/],
  ['collections/bundles/array-files', /^collections\/array\/io\//],
  [
    'collections/bundles/array-files',
    /^collections\/array\/(functions|layers)\/(image|npy|storage|zarr)-(functions|layers)$/,
  ],
  [
    'collections/bundles/array-random',
    /^collections\/array\/(functions|layers)\/(random|distributions)/,
  ],
  [
    'collections/bundles/array-more',
    /^collections\/array\/(masked-array|functions\/(composed|covariance|fft|histogram|linalg|linear-algebra|ma|overlap|stats|statistics|unique))/,
  ],
  [
    'collections/bundles/array-more',
    /^collections\/array\/layers\/(along|bincount|contraction|custom|decomposition|diagonal|evaluate|fft|formula|gradient|gufunc|histogram|insert|linear|masked|matrix|nonzero|norm|overlap|pad|panel|product|quantile|repeat|search|set-|sliding|solution|sort|statistics|tall|topk|unique)/,
  ],
  ['collections/bundles/array', /^collections\/array\/(?!index$)/],
  ['collections/bundles/bag-tasks', /^collections\/bag\/(engine|io|records|steps)\//],
  ['collections/bundles/bag', /^collections\/bag\/(?!index$)/],
  ['distributed/bundles/keys', /^distributed\/base\/curve-keys$/],
  ['distributed/bundles/base', /^distributed\/(base\/|protocol\/version$)/],
  ['distributed/bundles/base', /^distributed\/processes\/(?!local-(cluster|worker)$)/],
  [
    'distributed/bundles/public',
    /^distributed\/(client\/(client|get-client|futures\/(future|wait)))$/,
  ],
  ['distributed/bundles/public', /^distributed\/(processes\/local-cluster|scheduler\/scheduler)$/],
  ['distributed/bundles/public', /^distributed\/(storage\/chest|worker\/worker)$/],
  ['distributed/bundles/cluster', /^distributed\/(client\/(?!client-hello$)|scheduler\/)/],
  ['distributed/bundles/worker', /^distributed\/(?!index$|cli\/|processes\/local-worker$)/],
]

const bundleNames = [...new Set(bundles.map(([bundle]) => bundle))]

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
  const targetOf = targetIn(bundleOf, exported)
  const importsOf = deferredImports(folder, bundleOf, targetOf)
  const linked = (bundle) => ({
    ...shared,
    bundle: true,
    define: importsOf(bundle)?.define ?? {},
    plugins: [
      { name: 'bundles', setup: (own) => linkBundles(own, folder, bundle, bundleOf, exported) },
      { name: 'deferred', setup: (own) => removeImports(own, folder, importsOf(bundle)) },
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
    ...bundleNames.map((bundle) =>
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
  const files = new Map()
  for (const { outputFiles } of results) {
    for (const { path: file, text } of outputFiles) {
      const name = path.relative(folder, file).replaceAll(path.sep, '/').slice(0, -3)
      files.set(name, withNames(text))
    }
  }
  deferBundles(files, {
    ...{ bundles: bundleNames, targetOf, importsOf },
    publicExports: (module) => publicExports(folder, module, namesOf),
  })
  for (const [name, code] of files) {
    const file = path.join(folder, `${name}.js`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
}

/** Returns a function that returns, for a module, its bundle and the names of its exports there; undefined for others. */
function targetIn(bundleOf, exported) {
  return (module) => {
    const bundle = bundleOf.get(module)
    if (bundle === undefined) return undefined
    const names = exported.get(module).map(({ name, inBundle }) => [name, inBundle])
    return { bundle, names: new Map(names) }
  }
}

/** Returns a function that returns the imports of a bundle that are read later. */
function deferredImports(folder, bundleOf, targetOf) {
  const modules = [...bundleOf.keys()]
  const imports = bundleNames.map((bundle) => {
    const sources = modules
      .filter((module) => bundleOf.get(module) === bundle)
      .map((module) => [module, readFileSync(path.join(folder, `${module}.js`), 'utf8')])
    return [bundle, new DeferredImports(bundle, sources, targetOf)]
  })
  const found = new Map(imports)
  return (bundle) => found.get(bundle)
}

/** Removes the imports that are read later. */
function removeImports(build, folder, imports) {
  if (imports === undefined) return
  build.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path: file }) => {
    if (path.basename(file) === 'index.js') return undefined
    const module = path.relative(folder, file).replaceAll(path.sep, '/').slice(0, -3)
    return { contents: imports.removeFrom(module, readFileSync(file, 'utf8')) }
  })
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
  build.onResolve({ filter: /./ }, ({ path: specifier, kind, resolveDir, importer, namespace }) => {
    if (specifier === bundle) return { path: bundle, namespace: 'bundle' }
    if (kind === 'entry-point' || namespace === 'bundle') return undefined
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

/**
 * Returns what an entry point exports: for each name its module and its name there, or the module that it is the namespace of.
 */
function publicExports(folder, module, namesOf) {
  const source = readFileSync(path.join(folder, `${module}.js`), 'utf8')
  const target = (specifier) =>
    path.posix.join(path.posix.dirname(module), specifier).replace(/\.js$/, '')
  const found = new Map()
  for (const [, , specifier] of source.matchAll(starExports))
    for (const name of namesOf(`${target(specifier)}.js`))
      found.set(name, { module: target(specifier), name })
  for (const [, name, specifier] of source.matchAll(/^export \* as (\w+) from ['"](\..+)['"]/gm))
    found.set(name, { namespace: target(specifier), names: namesOf(`${target(specifier)}.js`) })
  for (const [, list, specifier] of source.matchAll(/^export \{([^}]*)\} from ['"](\..+)['"]/gm)) {
    for (const entry of list.split(',').map((each) => each.trim().split(' as '))) {
      const [name, other = name] = entry
      if (name !== '') found.set(other, { module: target(specifier), name })
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const starExports = /^export \* from (['"])(\..+)\1/gm

/** Writes `export * from` as a list of names: a bundle has those of other modules too. */
function nameExports(build, folder, namesOf) {
  build.onLoad({ filter: /\/index\.js$/, namespace: 'file' }, ({ path: file }) => {
    const source = readFileSync(file, 'utf8')
    const contents = source.replace(starExports, (_, _quote, specifier) => {
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
