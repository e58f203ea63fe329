/**
 * Layers of factorizations of matrices that are chunked along both axes. The matrix is rechunked to panels: chunks
 * of all rows and some columns. One after another is factored and applied to all panels after it, which
 * are independent of each other.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe, type StepFunction } from '../../../core/graph/recipe.js'
import { type Dtype, realDtype } from '../block/dtype.js'
import type { Determinant } from '../factorizations/matrix-operations.js'
import { chunkBounds, type Grid } from '../planning/chunk-grid.js'
import {
  choleskyPanelStep,
  choleskyUpdateStep,
  determinantStep,
  firstRowsStep,
  luDeterminantStep,
  luLowerStep,
  luPanelStep,
  luPermutationStep,
  luPivotsStep,
  luRegularStep,
  luSolveStep,
  luUpdateStep,
  luUpperStep,
  qrApplyStep,
  qrPanelStep,
  qrPanelUpperStep,
  triangularSolveStep,
} from '../steps/panel-steps.js'
import { type ArraySpec, indexed, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { eyeLayer } from './creation-layers.js'
import { astypeLayer } from './elementwise-layers.js'
import { rechunkTo } from './rechunk-layers.js'

/** One panel, or what was made of it: a block of a layer. */
interface Panel {
  readonly layer: ArraySpec
  readonly block: number
}

/** Rechunks a matrix to panels of the columns' chunks, or of the rows' chunks if those are more. */
function toPanels(array: ArraySpec): ArraySpec {
  const [rows, columns] = array.chunks as [readonly number[], readonly number[]]
  const [m, n] = shapeOf(array) as [number, number]
  return rechunkTo(array, [[m], m === n && rows.length > columns.length ? rows : columns])
}

/** Makes a layer of panels, each made by one step of panels and constants. */
function panelLayer(spec: {
  readonly operation: string
  readonly fn: StepFunction
  /** For each panel, the panels that the step takes; a list is one argument. */
  readonly panels: readonly (readonly (Panel | readonly Panel[])[])[]
  /** For each panel, the other arguments. */
  readonly values: readonly (readonly unknown[])[]
  readonly dtype: Dtype
  readonly chunks: Grid
}): ArraySpec {
  const { operation, fn, panels, values, dtype, chunks } = spec
  const sources: ArraySpec[] = []
  const numbers = new Map<ArraySpec, number>()
  const inputOf = ({ layer, block }: Panel): number[] => {
    let number = numbers.get(layer)
    if (number === undefined) {
      number = sources.length
      numbers.set(layer, number)
      sources.push(layer)
    }
    return [number, block]
  }
  const site = captureCallSite()
  const nodes = panels.map((list, i): BlockNode => {
    const inputs: number[] = []
    const args: Arg[] = []
    for (const item of list) {
      const at = inputs.length / 2
      if ('layer' in item) {
        args.push(arg.input(at))
        inputs.push(...inputOf(item))
      } else {
        args.push(arg.inputs(at, item.length))
        inputs.push(...item.flatMap(inputOf))
      }
    }
    const own = values[i]!
    const step = recipe(fn, [...args, ...own.map((_, p) => arg.param(p))], {
      label: operation,
      site,
    })
    return { recipe: step, inputs, params: own }
  })
  return indexed({
    operation,
    sources,
    nodes,
    dtype,
    chunks,
    content: [values, nodes.map(({ inputs }) => inputs)],
  })
}

/** The panels of a layer. */
function panelsOf(layer: ArraySpec): Panel[] {
  return layer.chunks.at(-1)!.map((_, block) => ({ layer, block }))
}

/** How panels are factored and applied to others. */
interface Elimination {
  readonly operation: string
  readonly factor: StepFunction
  /** The arguments after the panel; `start` is its first column. */
  readonly factorValues: (start: number) => readonly unknown[]
  readonly update: StepFunction
  /** The arguments after the factored panel and the other one, whose first column is `start`. */
  readonly updateValues: (start: number) => readonly unknown[]
}

/** Factors the first `count` panels, and applies each to all after it. Returns both kinds of panels. */
function eliminate(
  array: ArraySpec,
  count: number,
  { operation, factor, factorValues, update, updateValues }: Elimination,
): { readonly factors: Panel[]; readonly rest: Panel[] } {
  const { dtype } = array
  const [[rows], widths] = array.chunks as [[number], readonly number[]]
  const starts = chunkBounds(widths)
  const factors: Panel[] = []
  let rest = panelsOf(array)
  for (let k = 0; k < count; k++) {
    const [panel, ...others] = rest as [Panel, ...Panel[]]
    const layer = panelLayer({
      operation: `${operation}-factor`,
      fn: factor,
      panels: [[panel]],
      values: [factorValues(starts[k]!)],
      dtype,
      chunks: [[rows], [widths[k]!]],
    })
    const factored: Panel = { layer, block: 0 }
    factors.push(factored)
    if (others.length === 0) rest = []
    else {
      const updated = panelLayer({
        operation: `${operation}-update`,
        fn: update,
        panels: others.map((other) => [factored, other]),
        values: others.map((_, j) => updateValues(starts[k + 1 + j]!)),
        dtype,
        chunks: [[rows], widths.slice(k + 1)],
      })
      rest = panelsOf(updated)
    }
  }
  return { factors, rest }
}

const luElimination = (operation: string): Elimination => ({
  operation,
  factor: luPanelStep,
  factorValues: (start) => [start],
  update: luUpdateStep,
  updateValues: () => [],
})

/** Returns P, L and U of a square matrix, in its chunks. */
export function panelLu(array: ArraySpec): ArraySpec[] {
  const panels = toPanels(array)
  const { dtype } = panels
  const [[rows], widths] = panels.chunks as [[number], readonly number[]]
  const { factors } = eliminate(panels, widths.length, luElimination('lu'))
  const each = (operation: string, fn: StepFunction) =>
    panelLayer({
      operation,
      fn,
      panels: factors.map((factor) => [factor]),
      values: factors.map(() => []),
      dtype,
      chunks: [[rows], widths],
    })
  const swaps = panelsOf(each('lu-swaps', luPivotsStep))
  const permutation = panelLayer({
    operation: 'lu-permutation',
    fn: luPermutationStep,
    panels: [[swaps]],
    values: [[realDtype(dtype), rows]],
    dtype: realDtype(dtype),
    chunks: [[rows], [rows]],
  })
  const lower = panelLayer({
    operation: 'lu-lower',
    fn: luLowerStep,
    panels: factors.map((factor, k) => [factor, swaps.slice(k + 1)]),
    values: factors.map(() => []),
    dtype,
    chunks: [[rows], widths],
  })
  return [permutation, lower, each('lu-upper', luUpperStep)].map((part) =>
    rechunkTo(part, array.chunks),
  )
}

/** Returns the parts of the determinant of a square matrix. */
export function panelDeterminant(
  array: ArraySpec,
  wanted: readonly (keyof Determinant)[],
): ArraySpec[] {
  const panels = toPanels(array)
  const { dtype } = panels
  const widths = panels.chunks[1]!
  const { factors } = eliminate(panels, widths.length, luElimination('det'))
  const parts = panelLayer({
    operation: 'det-part',
    fn: luDeterminantStep,
    panels: factors.map((factor) => [factor]),
    values: factors.map(() => []),
    dtype,
    chunks: [[1], widths.map(() => 1)],
  })
  return wanted.map((name) =>
    panelLayer({
      operation: `det-${name}`,
      fn: determinantStep,
      panels: [[panelsOf(parts)]],
      values: [[name]],
      dtype: name === 'log' ? realDtype(dtype) : dtype,
      chunks: [],
    }),
  )
}

/** Solves `a x = b` for a square matrix `a` and a matrix `b`. */
export function panelSolve(a: ArraySpec, b: ArraySpec, operation: string): ArraySpec {
  const panels = toPanels(a)
  const [n] = shapeOf(a) as [number, number]
  const right = rechunkTo(b, [[n], b.chunks[1]!])
  const count = panels.chunks[1]!.length
  const { dtype } = panels
  const both = concatenateLayer([panels, right], 1)
  const { factors, rest } = eliminate(both, count, luElimination(operation))
  const checked = factors.map((factor, k): Panel => {
    const layer = panelLayer({
      operation: `${operation}-check`,
      fn: luRegularStep,
      panels: [[factor]],
      values: [[operation]],
      dtype,
      chunks: [[n], [panels.chunks[1]![k]!]],
    })
    return { layer, block: 0 }
  })
  const widths = right.chunks[1]!
  let solved = rest
  for (let k = count - 1; k >= 0; k--) {
    const layer = panelLayer({
      operation: `${operation}-back`,
      fn: luSolveStep,
      panels: solved.map((panel) => [checked[k]!, panel]),
      values: solved.map(() => [operation]),
      dtype,
      chunks: [[n], widths],
    })
    solved = panelsOf(layer)
  }
  return rechunkTo(solved[0]!.layer, b.chunks)
}

/** Solves `a x = b` for a triangular matrix `a` and a matrix `b`. */
export function panelSolveTriangular(
  a: ArraySpec,
  b: ArraySpec,
  lower: boolean,
  operation: string,
): ArraySpec {
  const panels = toPanels(a)
  const [n] = shapeOf(a) as [number, number]
  const widths = panels.chunks[1]!
  const starts = chunkBounds(widths)
  let layer = rechunkTo(b, [[n], b.chunks[1]!])
  for (let step = 0; step < widths.length; step++) {
    const k = lower ? step : widths.length - 1 - step
    const form = { start: starts[k]!, lower, operation }
    layer = panelLayer({
      operation,
      fn: triangularSolveStep,
      panels: panelsOf(layer).map((panel) => [{ layer: panels, block: k }, panel]),
      values: panelsOf(layer).map(() => [form]),
      dtype: panels.dtype,
      chunks: layer.chunks,
    })
  }
  return rechunkTo(layer, b.chunks)
}

/** Returns the lower Cholesky factor of a positive definite matrix, of which the lower triangle is read. */
export function panelCholesky(array: ArraySpec, operation: string): ArraySpec {
  const panels = toPanels(array)
  const widths = panels.chunks[1]!
  const { factors } = eliminate(panels, widths.length, {
    operation,
    factor: choleskyPanelStep,
    factorValues: (start) => [start, operation],
    update: choleskyUpdateStep,
    updateValues: (start) => [start],
  })
  const joined = concatenateLayer(
    factors.map(({ layer }) => layer),
    1,
  )
  return rechunkTo(joined, array.chunks)
}

/** Returns Q and R of a matrix, by reflections of one panel after another. */
export function panelQr(array: ArraySpec): { readonly q: ArraySpec; readonly r: ArraySpec } {
  const panels = toPanels(array)
  const { dtype } = panels
  const [m, n] = shapeOf(panels) as [number, number]
  const widths = panels.chunks[1]!
  const least = Math.min(m, n)
  const starts = chunkBounds(widths)
  const count = widths.filter((_, k) => starts[k]! < least).length
  const { factors, rest } = eliminate(panels, count, {
    operation: 'qr',
    factor: qrPanelStep,
    factorValues: (start) => [start],
    update: qrApplyStep,
    updateValues: () => [true],
  })
  const upper = panelLayer({
    operation: 'qr-upper',
    fn: qrPanelUpperStep,
    panels: factors.map((factor) => [factor]),
    values: factors.map(() => [least]),
    dtype,
    chunks: [[least], widths.slice(0, count)],
  })
  const right =
    rest.length === 0
      ? []
      : [
          panelLayer({
            operation: 'qr-right',
            fn: firstRowsStep,
            panels: rest.map((panel) => [panel]),
            values: rest.map(() => [least]),
            dtype,
            chunks: [[least], widths.slice(count)],
          }),
        ]
  const r = concatenateLayer([upper, ...right], 1)
  return { q: formQ(factors, widths.slice(0, count), m, least, dtype), r }
}

/** Applies all reflections to the first columns of the identity, the last first. */
function formQ(
  factors: readonly Panel[],
  widths: readonly number[],
  m: number,
  least: number,
  dtype: Dtype,
): ArraySpec {
  const starts = chunkBounds(widths)
  const own = widths.map((width, k) => Math.min(width, least - starts[k]!))
  const eye = astypeLayer(eyeLayer(m, { columns: least, chunks: [[m], own] }), dtype)
  let panels = panelsOf(eye)
  for (let k = factors.length - 1; k >= 0; k--) {
    const layer = panelLayer({
      operation: 'qr-form',
      fn: qrApplyStep,
      panels: panels.slice(k).map((panel) => [factors[k]!, panel]),
      values: panels.slice(k).map(() => [false]),
      dtype,
      chunks: [[m], own.slice(k)],
    })
    panels = [...panels.slice(0, k), ...panelsOf(layer)]
  }
  return panels[0]!.layer
}
