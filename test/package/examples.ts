/** Programs in Markdown pages, with what their comments say they print. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { node, root, type UserProject } from './packed.js'

/** A program; `prints` has the lines that it prints, as in `console.log(...) // text` or in the comments below it. */
export interface Snippet {
  readonly code: string
  readonly prints: readonly string[]
}

/** A program with the output that its comments announce. */
export function snippetOf(code: string): Snippet {
  const printed = /console\.log\(.*\)(?: \/\/ (.*)$|\n((?:\/\/ .*\n)+))/gm
  const prints = [...code.matchAll(printed)].flatMap(([, line, below]) =>
    line === undefined
      ? below!
          .trimEnd()
          .replaceAll(/^\/\/ /gm, '')
          .split('\n')
      : [line],
  )
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

/** Compiles programs of a project in one go, to files beside them; returns the errors by file. */
export async function compileTogether(
  project: UserProject,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const typescript = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--strict', '--types', 'node', '--module', 'nodenext', '--target', 'es2022']
  const { code, stdout } = await node(project.folder, typescript, ...options, ...files)
  const errors = new Map<string, string>()
  let current = ''
  for (const line of stdout.split('\n')) {
    // Lines of an error after its first are indented.
    if (/^\S/.test(line)) current = files.find((file) => line.startsWith(`${file}(`)) ?? ''
    if (line !== '') errors.set(current, `${errors.get(current) ?? ''}${line}\n`)
  }
  const elsewhere = errors.get('')
  if (elsewhere !== undefined || (code !== 0 && errors.size === 0)) {
    throw new Error(`The compiler failed with ${code}: ${elsewhere}`)
  }
  return errors
}
