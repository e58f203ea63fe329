/** Joins a chain that begins with indexed layers into one indexed layer. */
import { countBlocks } from '../../base/keys.js'
import { type BlockNode, type BlockwiseLayer, IndexedLayer, type Layer } from '../layer.js'
import { joinRecipes, type Recipe } from '../recipe.js'
import { sameAnnotations } from './same-annotations.js'

/** Whether the blocks of an indexed layer may be computed by the tasks of a layer with some annotations. */
export function mayJoinIndexed(layer: IndexedLayer, reader: BlockwiseLayer): boolean {
  const checked = new Set<Recipe>()
  for (const { recipe, inputs } of layer.nodes) {
    for (let i = 0; i < inputs.length; i += 2) if (inputs[i]! < 0) return false
    if (checked.has(recipe)) continue
    checked.add(recipe)
    if (recipe.isRemote === true) return false
    const isAlias = recipe.steps.length === 0
    if (!isAlias && !sameAnnotations(recipe.annotations, reader.recipe.annotations)) return false
  }
  return true
}

/** Joins layers, of which only blockwise ones read others of them, into one, under the name of the last one. */
export function joinIndexed(
  members: readonly (BlockwiseLayer | IndexedLayer)[],
  fused: ReadonlyMap<Layer, Layer>,
): IndexedLayer {
  const { name, numblocks } = members.at(-1)!
  const partOf = new Map<Layer, number>(members.map((member, i) => [member, i]))
  const dependencies: Layer[] = []
  const indexOf = indexer<Layer>((layer) => dependencies.push(layer))
  const numberOf = indexer<Recipe>()
  const joined = new Map<string, Recipe>()
  const nodes: BlockNode[] = []
  for (let block = 0; block < countBlocks(numblocks); block++) {
    const parts = members.map((member) => member.node(block))
    const inputs: number[] = []
    const wiring = parts.map((part, p) => {
      const wires: { part?: number; input?: number }[] = []
      for (let i = 0; i < part.inputs.length; i += 2) {
        const source = members[p]!.dependencies[part.inputs[i]!]!
        const of = partOf.get(source)
        if (of === undefined) {
          wires.push({ input: inputs.length / 2 })
          inputs.push(indexOf(fused.get(source)!), part.inputs[i + 1]!)
        } else wires.push({ part: of })
      }
      return wires
    })
    const recipes = parts.map(({ recipe }) => recipe)
    const key = recipes.map(numberOf).join()
    let recipe = joined.get(key)
    if (recipe === undefined) {
      recipe = joinRecipes(recipes, wiring, inputs.length / 2)
      joined.set(key, recipe)
    }
    nodes.push({ recipe, inputs, params: parts.flatMap(({ params }) => params) })
  }
  return new IndexedLayer({ name, numblocks, dependencies, nodes })
}

/** Returns a function that numbers objects in the order in which they come first. */
function indexer<T>(onNew: (item: T) => void = () => {}): (item: T) => number {
  const known = new Map<T, number>()
  return (item) => {
    let index = known.get(item)
    if (index === undefined) {
      index = known.size
      known.set(item, index)
      onNew(item)
    }
    return index
  }
}
