/** The recipes of a submission, with the bundles that they need and the annotations of their tasks. */
import {
  bundles,
  type Encoded,
  type StoredBundle,
  tokenizeEncoded,
} from '../../../core/codec/index.js'
import { encodeRecipe } from '../../../core/graph/encode-recipe.js'
import type { Annotations, Recipe } from '../../../core/graph/recipe.js'
import type { Submit, TaskAnnotations } from '../../protocol/index.js'
import { assertSendable } from '../../protocol/sendable.js'
import type { SentBundles } from './sent-bundles.js'

interface EncodedRecipe {
  readonly bytes: Encoded
  /** The token of its content. */
  readonly token: string
}

const encodedRecipes = new WeakMap<Recipe, EncodedRecipe>()

/** Encodes a recipe, once however often it is submitted. */
function encodeOnce(recipe: Recipe): EncodedRecipe {
  let found = encodedRecipes.get(recipe)
  if (found === undefined) {
    const bytes = encodeRecipe(recipe)
    encodedRecipes.set(recipe, (found = { bytes, token: tokenizeEncoded(bytes) }))
  }
  return found
}

export class RecipeColumns {
  private readonly numbers = new Map<Recipe, number>()
  private readonly encoded: EncodedRecipe[] = []
  private readonly taskAnnotations: (TaskAnnotations | null)[] = []
  private readonly bundles = new Map<string, StoredBundle>()
  private readonly annotations: Annotations | undefined
  private lastRecipe: Recipe | undefined
  private lastNumber = 0

  /** `annotations` apply to all tasks; those of a recipe override them. */
  constructor(annotations?: Annotations) {
    this.annotations = annotations
  }

  /**
   * Adds a recipe unless it is there already, and returns its number.
   *
   * @throws NotPortableError for a function that cannot be sent.
   */
  add(recipe: Recipe): number {
    if (recipe === this.lastRecipe) return this.lastNumber
    let number = this.numbers.get(recipe)
    if (number === undefined) {
      const encoded = encodeOnce(recipe)
      this.addBundles(encoded.bytes.bundles)
      number = this.encoded.push(encoded) - 1
      this.numbers.set(recipe, number)
      this.taskAnnotations.push(mergeAnnotations(this.annotations, recipe.annotations))
    }
    this.lastRecipe = recipe
    this.lastNumber = number
    return number
  }

  /** Adds bundles that a value of the submission needs. */
  addBundles(tokens: readonly string[]): void {
    for (const bundle of bundles.bundlesOf(tokens)) {
      if (this.bundles.has(bundle.token)) continue
      this.bundles.set(bundle.token, bundle)
      assertSendable(
        bundle.encoded,
        () => 'What a function uses',
        'scatter it, and pass it in parts',
      )
    }
  }

  /** Returns the columns; the bundles that the scheduler lacks are added to `sent`. */
  columns(sent: SentBundles): Pick<Submit, 'recipes' | 'recipeTokens' | 'bundles' | 'annotations'> {
    return {
      recipes: this.encoded.map(({ bytes }) => bytes),
      recipeTokens: this.encoded.map(({ token }) => token),
      bundles: sent.takeNew([...this.bundles.values()]),
      annotations: this.taskAnnotations.some((own) => own !== null) ? this.taskAnnotations : [],
    }
  }
}

function mergeAnnotations(
  common: Annotations | undefined,
  own: Annotations | undefined,
): TaskAnnotations | null {
  if (own === undefined && common === undefined) return null
  return { ...common, ...own }
}
