import { intrinsicPath } from '../engine/intrinsics.js'
import { readUserFiles } from '../engine/scripts.js'
import { analyze } from '../rewrite/function-analysis.js'

/** Does what takes most of the time when a first function is captured, for programs that wait for something else now. */
export function prepareToCapture(): void {
  analyze('(x) => x')
  intrinsicPath(Object)
  readUserFiles()
}
