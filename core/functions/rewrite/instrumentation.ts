/**
 * Removes the code that tools add to functions (coverage counters, a test runner's imports), and finds
 * what functions import when they run.
 */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { eachChild, importedBy, type SyntaxNode } from '../source/syntax.js'

type Replace = (node: SyntaxNode, code: string) => void

const coverageName = /^cov_[0-9a-z]+$/
const dynamicImportName = /^__vi(te_ssr)?_dynamic_import__$|^__vi_ssr_dynamic_import__$/

/**
 * Removes coverage counters and turns a test runner's import calls back into `import(...)`. Returns the
 * names of the tools' functions.
 */
export function stripTools(root: SyntaxNode, importName: string, replace: Replace): Set<string> {
  const names = new Set<string>()
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'UpdateExpression') {
      const name = counterName(node.argument as SyntaxNode)
      if (name !== undefined) {
        names.add(name)
        replace(node, '0')
        return
      }
    }
    const callee = node.callee as SyntaxNode | undefined
    if (node.type === 'CallExpression' && callee?.type === 'Identifier') {
      const name = callee.name as string
      if (dynamicImportName.test(name)) {
        names.add(name)
        replace(callee, importName)
        const [first] = node.arguments as SyntaxNode[]
        if (typeof first?.value === 'string' && first.value.startsWith('/'))
          replace(first, JSON.stringify(fromServerPath(first.value)))
      }
    }
    eachChild(node, visit)
  }
  visit(root)
  return names
}

/** Finds the modules that a function imports when it runs; calls `onImport` with each `import(...)`. */
export function findImports(
  root: SyntaxNode,
  onImport: (node: SyntaxNode) => void,
): { imported: string[]; importing: boolean } {
  const imported: string[] = []
  let importing = false
  const visit = (node: SyntaxNode): void => {
    const callee = node.callee as SyntaxNode | undefined
    const byTool = callee?.type === 'Identifier' && dynamicImportName.test(callee.name as string)
    const [first] = byTool ? (node.arguments as SyntaxNode[]) : []
    const specifier = byTool ? first?.value : importedBy(node)
    if (typeof specifier === 'string')
      imported.push(byTool && specifier.startsWith('/') ? fromServerPath(specifier) : specifier)
    if (node.type === 'ImportExpression') onImport(node)
    importing ||= byTool || node.type === 'ImportExpression'
    eachChild(node, visit)
  }
  visit(root)
  return { imported, importing }
}

/** Converts a path of vite's server, which is relative to the project folder, to a file URL. */
function fromServerPath(path: string): string {
  const file = path.startsWith('/@fs/') ? path.slice(4) : process.cwd() + path
  return existsSync(file) ? pathToFileURL(file).href : path
}

function counterName(node: SyntaxNode): string | undefined {
  let root = node
  while (root.type === 'MemberExpression') root = root.object as SyntaxNode
  const callee = root.type === 'CallExpression' ? (root.callee as SyntaxNode) : undefined
  const name = callee?.type === 'Identifier' ? (callee.name as string) : ''
  return coverageName.test(name) ? name : undefined
}
