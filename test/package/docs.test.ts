/** Runs the examples of the guide: the `ts` blocks of a page, in order, are one program. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compact, snippetOf } from './examples.js'
import { node, root, UserProject } from './packed.js'

const guide = path.join(root, 'docs', 'guide')
const pages = readdirSync(guide).filter((name) => name.endsWith('.md'))
const typescript = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const project = new UserProject()
let unreachable: string | undefined

beforeAll(async () => {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  unreachable = await project.install(`@types/node@${devDependencies['@types/node']}`)
})

afterAll(() => project.remove())

describe('the guide', () => {
  beforeEach(({ skip }) => {
    if (unreachable !== undefined) skip(unreachable)
  })

  test.each(pages)('%s has fewer than 200 lines, and its links lead somewhere', (page) => {
    const text = readFileSync(path.join(guide, page), 'utf8')
    expect(text.split('\n').length).toBeLessThan(200)
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(readdirSync(path.dirname(path.join(guide, target!)))).toContain(path.basename(target!))
  })

  test.each(pages)('the examples of %s compile, run and print what they say', async (page) => {
    const blocks = [
      ...readFileSync(path.join(guide, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm),
    ]
    const { code, prints } = snippetOf(blocks.map(([, block]) => block!).join('\n'))
    if (blocks.length === 0) return
    const name = path.basename(page, '.md')
    project.write(`${name}.mts`, code)
    const options = ['--strict', '--types', 'node', '--module', 'nodenext', '--target', 'es2022']
    const built = await node(project.folder, typescript, ...options, `${name}.mts`)
    expect(built).toMatchObject({ code: 0, stdout: '' })
    const { code: exit, stdout, stderr } = await node(project.folder, `${name}.mjs`)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n').map(compact)).toEqual(prints.map(compact))
  })
})
