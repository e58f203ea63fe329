/**
 * Adds the optional packages for other platforms that npm left out of package-lock.json. Run it after
 * changing dependencies.
 *
 * npm omits an optional package that the registry or `node_modules` does not have, and then `npm ci`
 * rejects the lock file. The packages are pinned to the exact version that their dependent asks for.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const packages = lock.packages
const paths = Object.keys(packages)
const platform =
  /-(aix|android|darwin|freebsd|linux|netbsd|openbsd|sunos|win32)-([a-z0-9]+)(-musl)?/

for (const entry of Object.values({ ...packages })) {
  const wanted = Object.entries(entry.optionalDependencies ?? {})
  const namesLibc = wanted.some(([name]) => name.endsWith('-musl'))
  for (const [name, version] of wanted) {
    if (paths.some((path) => path.endsWith(`node_modules/${name}`))) continue
    const found = platform.exec(name)
    if (found === null || !/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(`Cannot tell the platform and version of ${name}@${version}; add it by hand`)
    }
    const [, os, cpu, musl] = found
    packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...(namesLibc && os === 'linux' && { libc: [musl ? 'musl' : 'glibc'] }),
      optional: true,
      os: [os],
    }
    console.log(`Added ${name}@${version}`)
  }
}
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
lock.packages = Object.fromEntries(sorted)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
