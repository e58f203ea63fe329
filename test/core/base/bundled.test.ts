/** A bundle that contains Skein says so when it is imported. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'skein-bundled-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const source = fileURLToPath(new URL('../../../core/base/package-root.ts', import.meta.url))

test.each([
  ['an ES module', 'mjs', 'esm', {}],
  ['CommonJS', 'cjs', 'cjs', {}],
  // As webpack does.
  [
    'a bundle with the URL of the source',
    'mjs',
    'esm',
    { 'import.meta.url': `"file://${source}"` },
  ],
] as const)('%s with Skein inside is refused', async (name, extension, format, define) => {
  const outfile = join(folder, `${name.replaceAll(' ', '-')}.${extension}`)
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    define,
    logLevel: 'silent',
  })
  await expect(import(pathToFileURL(outfile).href)).rejects.toMatchObject({
    code: 'BUNDLED',
    message: expect.stringContaining('mark `skein` as external') as string,
  })
})
