/** What the benchmark commands share: compiling `bench/`, and writing a part of docs/benchmarks.md. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, installDependencies, root } from './setup.mjs'

const at = (...parts) => path.join(root, ...parts)

/** Builds the package, and the benchmarks with tsc: code that tsx adds for debugging costs time in hot loops. */
export async function buildBenchmarks() {
  installDependencies()
  await build()
  const compiler = at('node_modules', 'typescript', 'bin', 'tsc')
  spawnSync(process.execPath, [compiler, '-p', at('bench', 'tsconfig.json')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

/** Writes a part of docs/benchmarks.md, between its markers, and leaves the other parts as they are. */
export function writePart(name, text) {
  const page = at('docs', 'benchmarks.md')
  const before = readFileSync(page, 'utf8')
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [before.indexOf(start), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md lacks ${start} or ${end}`)
  writeFileSync(page, `${before.slice(0, from)}${start}\n${text}\n${before.slice(to)}`)
}
