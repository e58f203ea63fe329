/**
 * The README's programs, with what their comments say they print.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './packed.js'

/** One block of code; `prints` has one entry a `console.log(...) // text` line. */
export interface Snippet {
  readonly title: string
  readonly code: string
  readonly prints: readonly string[]
}

/** The `ts` blocks of the README, each a program of its own. */
export function readmeSnippets(): Snippet[] {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code], i) => {
    const prints = [...code!.matchAll(/^ *console\.log\(.*\) \/\/ (.*)$/gm)].map((m) => m[1]!)
    const imports = /^import \{ (.*) \} from/m.exec(code!)?.[1]
    return { title: `${i + 1}: ${imports}`, code: code!, prints }
  })
}

/** Printed values without what printing adds: spaces. */
export function compact(text: string): string {
  return text.replaceAll(/\s/g, '')
}
