/** The programs in Python of the guide's page for users of Dask: they print the same as those in TypeScript. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { hasModule, runPython } from '../support/python.js'
import { root } from './packed.js'

const page = readFileSync(path.join(root, 'docs', 'guide', 'coming-from-dask.md'), 'utf8')

/** What the comments in the page's blocks of a language announce, as numbers. */
function announced(language: string, pattern: RegExp): unknown[] {
  return [...codeOf(language).matchAll(pattern)].map(([, text]) => JSON.parse(text!) as unknown)
}

function codeOf(language: string): string {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))
  return [...blocks].map(([, block]) => block!).join('\n')
}

const ofPython = announced('python', /^print\(.*\) {2}# (.*)$/gm)

test('the programs announce the same results in both languages', () => {
  expect(ofPython.length).toBeGreaterThan(6)
  expect(announced('ts', /^console\.log\(.*\) \/\/ (.*)$/gm)).toEqual(ofPython)
})

test.skipIf(!hasModule('dask.array'))('Dask prints them (skipped without Dask)', () => {
  const imports = 'import dask\nimport dask.array as da\nimport numpy as np\n'
  const printed = runPython(imports + codeOf('python'))
    .trim()
    .split('\n')
  expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual(ofPython)
})
