/** The calls that a client makes in one turn of the event loop, as one run. */
import type { CallSite } from '../../../core/base/call-site.js'
import { columnOf } from '../../../core/base/short-columns.js'
import type { Recipe } from '../../../core/graph/recipe.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import { emptySubmit, noExternals } from '../../protocol/empty-submit.js'
import type { Submit } from '../../protocol/index.js'
import { packStrings } from '../../protocol/packed-strings.js'
import { ExternalColumns } from '../submission/external-columns.js'
import { RecipeColumns } from '../submission/recipe-columns.js'
import type { SentBundles } from '../submission/sent-bundles.js'
import type { ClusterCall } from './cluster-call.js'
import type { HeldRun } from './held-run.js'
import type { FindTask } from './task-sources.js'

export class CallBatch {
  readonly run: HeldRun
  private readonly recipes: Recipe[] = []
  private readonly sites: (CallSite | undefined)[] = []
  private readonly keys: string[] = []
  private readonly columns = new RecipeColumns()
  private externals: ExternalColumns | undefined
  private readonly recipeOf: number[] = []
  private readonly inputStart: number[] = [0]
  private readonly inputs: number[] = []
  private readonly params: StoredValue[] = []
  private readonly paramEnd: number[] = []
  private readonly contentNamed: number[] = []
  /** Tasks by key: equal calls of one turn are one task. */
  private readonly byKey = new Map<string, number>()

  constructor(run: HeldRun) {
    this.run = run
  }

  /** Adds a call and returns its task, which is an older one for an equal call. */
  add(call: ClusterCall, site: CallSite | undefined): number {
    const known = call.isContentNamed ? this.byKey.get(call.key) : undefined
    if (known !== undefined && !this.run.results[known]!.isReleased) return known
    const task = this.recipeOf.push(this.columns.add(call.recipe)) - 1
    for (const remote of call.reads) {
      const isOfThisRun = remote.run === this.run.name
      this.inputs.push(
        isOfThisRun ? remote.place : (this.externals ??= new ExternalColumns()).add(remote),
      )
    }
    this.inputStart.push(this.inputs.length)
    for (const param of call.params) {
      this.params.push(param)
      if (isEncoded(param)) this.columns.addBundles(param.bundles)
    }
    this.paramEnd.push(this.params.length)
    this.contentNamed.push(call.isContentNamed ? 1 : 0)
    this.keys.push(call.key)
    this.recipes.push(call.recipe)
    this.sites.push(site)
    if (call.isContentNamed) this.byKey.set(call.key, task)
    return task
  }

  /** Returns the `submit` message; the bundles that it sends are added to `sent`. */
  message(sent: SentBundles): Submit {
    const count = this.recipeOf.length
    const tasks = columnOf(Array.from(this.recipeOf.keys()))
    const awaited = this.run.results.flatMap((result, task) => (result.isAwaited ? [task] : []))
    return {
      ...emptySubmit(this.run.number),
      ...this.columns.columns(sent),
      recipeOf: columnOf(this.recipeOf),
      inputStart: columnOf(this.inputStart),
      inputs: columnOf(this.inputs),
      ranks: tasks,
      targets: tasks,
      params: this.params.slice(),
      paramEnd: columnOf(this.paramEnd),
      keys: packStrings(count, (task) => this.keys[task]!),
      contentNamed: Uint8Array.from(this.contentNamed),
      externals: this.externals?.columns() ?? noExternals,
      holdTargets: true,
      deliver: columnOf(awaited),
    }
  }

  /** Returns what finds the batch's tasks for errors, after the batch was sent. */
  source(): FindTask {
    // Copies, because lists that have grown have room for many more, and most batches have one call.
    const [recipes, keys, sites] = [this.recipes.slice(), this.keys.slice(), this.sites.slice()]
    return (task) => {
      const recipe = recipes[task]
      if (recipe === undefined) return undefined
      const site = sites[task] ?? { location: undefined }
      return { source: { recipe: () => recipe, key: () => keys[task]!, site }, task }
    }
  }
}
