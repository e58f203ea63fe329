/** Starts servers in processes of their own: finding files waits for the network in the calling thread. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly url: string
  close(): void
}

/** Starts a program that prints its address when it listens. */
export async function startServer(file: string, ...args: string[]): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const flags = file.endsWith('.ts') ? ['--import', 'tsx'] : []
  const child: ChildProcess = spawn(process.execPath, [...flags, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (line: Buffer) => resolve(line.toString().trim()))
    child.once('exit', () => reject(new Error(`${file} did not start`)))
  })
  return { url, close: () => void child.kill() }
}
