import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
}

const locked = JSON.parse(read('package-lock.json')).packages as Record<string, LockedPackage>
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>

describe('the lock file', () => {
  test('names no host but the public registry', () => {
    const hosts = Object.values(locked)
      .map((entry) => entry.resolved)
      .filter((url) => url !== undefined && !url.startsWith('https://registry.npmjs.org/'))
    expect(hosts).toEqual([])
  })

  test('has a checksum for every package', () => {
    const without = Object.entries(locked).filter(([name, e]) => name !== '' && !e.integrity)
    expect(without).toEqual([])
  })

  test('agrees with the manifest, whose versions are exact', () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
    for (const [name, version] of Object.entries(wanted)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
      expect(locked[`node_modules/${name}`]?.version, name).toBe(version)
    }
  })
})
