/** Drawings of graphs: `visualize`. */
import { writeFile } from 'node:fs/promises'
import { checkOptions } from '../../core/base/argument-checks.js'
import { dotToSvg, toDot } from '../../core/graph/dot.js'
import type { LayerGraph } from '../../core/graph/graph.js'

/** The options of `visualize`. */
export interface DrawingOptions {
  /** The file to write the drawing to. */
  readonly filename?: string | undefined
  /** The default follows the filename's extension, else it is `'svg'`. */
  readonly format?: 'svg' | 'dot' | undefined
  /** Whether to draw the graph as it is run, which is the default, or as it was built. */
  readonly optimize?: boolean | undefined
}

/** The names of the options of `visualize`. */
export const drawingOptions = ['filename', 'format', 'optimize'] as const

/** Draws a graph, which `graphOf` returns optimized or as it was built, and writes the file if there is to be one. */
export async function drawGraph(
  graphOf: (optimized: boolean) => LayerGraph,
  options: DrawingOptions,
): Promise<string> {
  checkOptions(options, drawingOptions, 'visualize')
  const { filename, optimize = true } = options
  const format = options.format ?? (filename?.endsWith('.dot') ? 'dot' : 'svg')
  const isOther = filename !== undefined && !/\.(svg|dot)$/.test(filename) && !options.format
  if ((format !== 'svg' && format !== 'dot') || isOther) {
    const requested = isOther ? `the filename '${filename}'` : `the format '${String(format)}'`
    throw new RangeError(`visualize: a drawing is SVG or DOT source (.svg, .dot), got ${requested}`)
  }
  const dot = toDot(graphOf(optimize))
  const drawing = format === 'dot' ? dot : await dotToSvg(dot)
  if (filename !== undefined) await writeFile(filename, drawing)
  return drawing
}
