/** Python with NumPy, Dask and zarr, which some tests compare with; they are skipped where it is missing. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The Python that `SKEIN_PYTHON` names, or the environment that CI makes from python-requirements.txt. */
const python = process.env.SKEIN_PYTHON ?? path.join(root, '.tmp', 'python', 'bin', 'python')

function start(code: string, args: readonly string[]) {
  return spawnSync(python, ['-W', 'ignore', '-c', code, ...args], { encoding: 'utf8' })
}

/** Whether Python has a module. */
export function hasModule(name: string): boolean {
  return start(`import ${name}`, []).status === 0
}

/** Runs Python code and returns what it prints. Throws an Error with what it writes to stderr if it fails. */
export function runPython(code: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = start(code, args)
  if (status !== 0) throw new Error(stderr)
  return stdout
}
