/** Runs the examples of the guide: the `ts` blocks of a page, in order, are one program. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { compact, compileTogether, type Snippet, snippetOf } from './examples.js'
import { installedProject, node, root } from './packed.js'

const guide = path.join(root, 'docs', 'guide')
const pages = readdirSync(guide).filter((name) => name.endsWith('.md'))
/** The compiler's errors by page. */
let errors: ReadonlyMap<string, string>

const project = installedProject([], async (project) => {
  const programs = pages.filter((page) => programOf(page) !== undefined)
  for (const page of programs) project.write(fileOf(page), programOf(page)!.code)
  errors = await compileTogether(project, programs.map(fileOf))
})

/** The program that a page's examples make, if it has any. */
function programOf(page: string): Snippet | undefined {
  const text = readFileSync(path.join(guide, page), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)]
  if (blocks.length === 0) return undefined
  return snippetOf(blocks.map(([, block]) => block!).join('\n'))
}

function fileOf(page: string): string {
  return `${path.basename(page, '.md')}.mts`
}

describe('the guide', () => {
  test.each(pages)('%s has fewer than 200 lines, and its links lead somewhere', (page) => {
    const text = readFileSync(path.join(guide, page), 'utf8')
    expect(text.split('\n').length).toBeLessThan(200)
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(readdirSync(path.dirname(path.join(guide, target!)))).toContain(path.basename(target!))
  })

  test.each(pages)('the examples of %s compile, run and print what they say', async (page) => {
    const program = programOf(page)
    if (program === undefined) return
    expect(errors.get(fileOf(page))).toBeUndefined()
    const built = fileOf(page).replace('.mts', '.mjs')
    const { code: exit, stdout, stderr } = await node(project.folder, built)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n').map(compact)).toEqual(program.prints.map(compact))
  })
})
