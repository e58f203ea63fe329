/** Drawings of graphs: the DOT language of Graphviz, and SVG made from it. */
import type { Graph } from './graph.js'
import { dependenciesOf, type LayerGraph, materialize } from './graph.js'
import { stepName } from './recipe.js'

/** More tasks than this are not drawn: nobody could read it, and Graphviz takes minutes. */
const maxDrawn = 2000

/** A graph in the DOT language: boxes are results, circles the tasks that make them. */
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

/** A DOT text as SVG. */
export async function dotToSvg(dot: string): Promise<string> {
  const { instance } = await import('@viz-js/viz')
  const viz = await instance()
  return viz.renderString(dot, { format: 'svg' })
}

function quoted(text: string): string {
  return `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replaceAll('"', '\\"')
}
