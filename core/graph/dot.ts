/** Draws graphs in Graphviz's DOT language, and renders DOT as SVG. */
import { lazyModule } from '../base/lazy-package.js'
import type { Graph } from './graph.js'
import { dependenciesOf, type LayerGraph, materialize } from './graph.js'
import { stepName } from './recipe.js'

/** The most tasks that are drawn. Larger drawings are unreadable, and Graphviz takes minutes for them. */
const maxDrawn = 2000

/**
 * Draws a graph in the DOT language: ellipses are tasks, boxes data.
 *
 * @throws RangeError for more than 2000 tasks.
 */
export function toDot(graph: LayerGraph): string {
  const nodes: Graph = materialize(graph)
  if (nodes.size > maxDrawn) {
    throw new RangeError(
      `visualize: the graph has ${nodes.size} tasks and at most ${maxDrawn} can be drawn; draw a collection with fewer partitions`,
    )
  }
  const lines = ['digraph {', '  rankdir=BT', '  node [fontname="Helvetica", fontsize=11]']
  for (const [key, node] of nodes) {
    const shape = node.kind === 'task' ? 'ellipse' : 'box'
    const what = node.kind === 'task' ? node.recipe.steps.map(stepName).join('\\n') : node.kind
    lines.push(
      `  ${quoted(key)} [shape=${shape}, label="${escaped(what)}", tooltip=${quoted(key)}]`,
    )
    for (const dependency of dependenciesOf(node))
      lines.push(`  ${quoted(dependency)} -> ${quoted(key)}`)
  }
  lines.push('}')
  return lines.join('\n')
}

const viz = lazyModule<typeof import('@viz-js/viz')>('@viz-js/viz')

/** Renders DOT source as SVG. */
export async function dotToSvg(dot: string): Promise<string> {
  const { instance } = await viz()
  const renderer = await instance()
  return renderer.renderString(dot, { format: 'svg' })
}

function quoted(label: string): string {
  return `"${escaped(label)}"`
}

function escaped(label: string): string {
  return label.replaceAll('"', '\\"')
}
