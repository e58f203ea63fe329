/** Set up once per test run: the folder in which the tests of the packed package install it, when they ask for it. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for installations, removed at the end of the run. */
    installFolder: string
  }
}

export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'skein-tests-'))
  project.provide('installFolder', folder)
  return () => rm(folder, { recursive: true, force: true })
}
