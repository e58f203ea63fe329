/** Temporary folders of a test file, which are removed when it has ended. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []

/** Makes an empty folder with a name that begins with `skein-` and `name`. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `skein-${name}-`))
  folders.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
