/**
 * The layers of a shuffle. Every input partition is split into one list for each output partition, and every
 * output partition is made of its lists.
 *
 * A task between the two picks the lists of some outputs. With a task for each list, a shuffle of 1,000 partitions
 * to 1,000 would have a million of them; so the outputs are divided into at most 16 runs, and a task picks the lists
 * of one run. The number of tasks is at most 17 for each input and one for each output.
 */
import type { Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import {
  type BlockSpec,
  blockRange,
  indexedLayer,
  type OperationInfo,
  type StepSpec,
} from '../../base/layer-builders.js'
import { pickLists } from '../steps/shuffle-steps.js'

/** The most runs of outputs whose lists are picked by a task each. */
const MOST_RUNS = 16

/**
 * Returns the layer of the outputs of a shuffle.
 *
 * @param sides The layers whose blocks are lists of one value for each output; a join has two.
 * @param merge Makes an output. Its first argument is a list of the values of all inputs of all sides, in their
 *   order; each is in a list at the position that its second argument tells.
 * @param name The name of the layer; that of the operation by default.
 */
export function shuffledLayer(
  operation: OperationInfo,
  sides: readonly Layer[],
  merge: StepSpec,
  npartitions: number,
  name = operation.label,
): Layer {
  const runs = Math.min(npartitions, MOST_RUNS)
  const border = (run: number): number => Math.ceil((run * npartitions) / runs)
  const picked = sides.map((side, number) => {
    const count = side.numblocks[0]!
    const picks: BlockSpec[] = []
    for (let run = 0; run < runs; run++) {
      const range = [border(run), border(run + 1)]
      for (let input = 0; input < count; input++)
        picks.push({ inputs: [0, input], params: [range] })
    }
    return indexedLayer(operation, { fn: pickLists, args: [arg.param(0)] }, [side], picks, {
      name: `${operation.label}-pick${number === 0 ? '' : number + 1}`,
      numblocks: [runs, count],
    })
  })
  const outputs: BlockSpec[] = []
  for (let run = 0; run < runs; run++) {
    const inputs = picked.flatMap((layer, number) => {
      const count = layer.numblocks[1]!
      return blockRange(run * count, (run + 1) * count).map((value, i) =>
        i % 2 === 0 ? number : value,
      )
    })
    for (let output = border(run); output < border(run + 1); output++) {
      outputs.push({ inputs, params: [output - border(run)] })
    }
  }
  const step = { fn: merge.fn, args: [arg.param(0), ...(merge.args ?? [])] }
  return indexedLayer(operation, step, picked, outputs, { gather: true, name })
}
