/** Runs programs of users, as files, against the built package. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runnableFile } from '../../../../core/base/package-root.js'

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The path of the program. */
  readonly file: string
}

/** Runs a program of which stdout and stderr are pipes, or files. */
export async function runFile(
  source: string,
  { env = {}, to = 'pipe' }: { env?: Record<string, string>; to?: 'pipe' | 'file' } = {},
): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'skein-program-'))
  const file = path.join(folder, 'main.mjs')
  writeFileSync(file, source.replaceAll("'skein'", `'${runnableFile('index').href}'`))
  const outputs = ['stdout', 'stderr'].map((name) => path.join(folder, name))
  try {
    const stdio =
      to === 'file'
        ? outputs.map((output) => openSync(output, 'w'))
        : ['pipe' as const, 'pipe' as const]
    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', ...stdio],
      env: { ...process.env, SKEIN_THREADS: '2', ...env },
    })
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (data) => (stdout += data))
    child.stderr?.on('data', (data) => (stderr += data))
    const [code] = (await once(child, 'close')) as [number | null]
    if (to === 'file')
      [stdout, stderr] = outputs.map((output) => readFileSync(output, 'utf8')) as [string, string]
    return { code, stdout, stderr, file }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
