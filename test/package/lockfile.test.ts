import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optional?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const locked = JSON.parse(read('package-lock.json')).packages as Record<string, LockedPackage>
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
const packages = Object.entries(locked).filter(([name]) => name !== '')

describe('the lock file', () => {
  test('names no host but the public registry', () => {
    const hosts = packages
      .map(([, entry]) => entry.resolved)
      .filter((url) => url !== undefined && !url.startsWith('https://registry.npmjs.org/'))
    expect(hosts).toEqual([])
  })

  test('has a checksum for every package that is not for one platform only', () => {
    const without = packages.filter(([, entry]) => !entry.integrity && !entry.optional)
    expect(without).toEqual([])
  })

  test('has the packages for every platform; if not, run scripts/complete-lock.mjs', () => {
    const wanted = packages.flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
    const names = packages.map(([name]) => name.slice(name.lastIndexOf('node_modules/') + 13))
    expect(wanted.filter((name) => !names.includes(name))).toEqual([])
  })

  test('agrees with the manifest, whose versions are exact', () => {
    const wanted = {
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    }
    for (const [name, version] of Object.entries(wanted)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
      expect(locked[`node_modules/${name}`]?.version, name).toBe(version)
    }
  })
})
