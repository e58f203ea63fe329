/** Programs in Markdown pages, with what their comments say they print. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './packed.js'

/** A program; `prints` has one entry for each `console.log(...) // text` line. */
export interface Snippet {
  readonly code: string
  readonly prints: readonly string[]
}

/** A program with the output that its comments announce. */
export function snippetOf(code: string): Snippet {
  const prints = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1]!)
  return { code, prints }
}

/** The `ts` blocks of the README, each a program of its own. */
export function readmeSnippets(): (Snippet & { readonly title: string })[] {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code], i) => {
    const imports = /^import \{ (.*) \} from 'skein'/m.exec(code!)?.[1]
    return { title: `${i + 1}: ${imports}`, ...snippetOf(code!) }
  })
}

/** Printed values without white space. */
export function compact(text: string): string {
  return text.replaceAll(/\s/g, '')
}
