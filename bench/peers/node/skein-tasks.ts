/** Graphs of empty tasks, for every get of Skein. */
import { each, type Rows, type Size, work } from './work.js'

export type Run = (graph: Record<string, unknown>, key: string) => unknown

const empty = (i: number): number => i
const countOf = (results: readonly number[]): number => results.length

export function taskRows(get: Run): Rows {
  const fanIn = ({ tasks }: Size) => {
    const graph: Record<string, unknown> = {}
    const keys: string[] = []
    for (let i = 0; i < tasks; i++) {
      graph[`task-${i}`] = [empty, i]
      keys.push(`task-${i}`)
    }
    graph.total = [countOf, keys]
    return work({
      run: () => get(graph, 'total') as Promise<number>,
      value: (count) => count / tasks,
      figure: each(tasks),
    })
  }
  return { 'empty-tasks': fanIn, 'few-empty-tasks': fanIn }
}
