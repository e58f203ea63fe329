/**
 * `npm run notebooks`: runs every notebook under the tslab kernel. A cell that throws or does not
 * type-check fails the run. `-- --write` saves the outputs in the notebooks.
 *
 * Jupyter must be installed; exit code 2 means that it is not. tslab is installed into `.tmp/`.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { build, installDependencies, npmCommand, root } from './setup.mjs'

const tslabVersion = '1.0.22'
const noJupyter = 2

const at = (...parts) => path.join(root, ...parts)
const temporary = at('.tmp', 'notebooks')

process.exitCode = await main(process.argv.includes('--write'))

async function main(write) {
  const nbconvert = findNbconvert()
  if (nbconvert === undefined) {
    console.error('The notebooks need Jupyter. On Debian: apt-get install jupyter-nbconvert')
    console.error(
      'python3-jupyter-client python3-ipykernel; elsewhere: pip install nbconvert ipykernel',
    )
    return noJupyter
  }
  installDependencies()
  await build()
  mkdirSync(temporary, { recursive: true })
  addKernel(installTslab())
  linkPackage()
  let failed = 0
  for (const name of readdirSync(at('notebooks')).filter((file) => file.endsWith('.ipynb'))) {
    const ok = runNotebook(nbconvert, at('notebooks', name), write)
    console.log(`${ok ? 'ran' : 'FAILED'} notebooks/${name}`)
    if (!ok) failed++
  }
  return failed > 0 ? 1 : 0
}

/** Returns the command that runs notebooks; undefined if Jupyter is not installed. */
function findNbconvert() {
  const candidates = [
    ['jupyter-nbconvert'],
    ['/usr/bin/jupyter-nbconvert'],
    ['jupyter', 'nbconvert'],
  ]
  return candidates.find(([command, ...args]) => {
    return spawnSync(command, [...args, '--version'], { stdio: 'ignore' }).status === 0
  })
}

/** Installs tslab apart from this repository's dependencies and returns its program. */
function installTslab() {
  const folder = path.join(temporary, 'tslab')
  const program = path.join(folder, 'node_modules', 'tslab', 'bin', 'tslab')
  if (existsSync(program)) return program
  console.error(`Installing tslab ${tslabVersion}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
  const npm = npmCommand()
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const args = [...npm.args, 'install', ...flags, `tslab@${tslabVersion}`]
  const { status } = spawnSync(npm.command, args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: npm.shell,
  })
  if (status !== 0) throw new Error('tslab could not be installed from the npm registry')
  return program
}

/** Registers the kernel with Jupyter, under the name in the notebooks' metadata. */
function addKernel(tslab) {
  const folder = path.join(temporary, 'jupyter', 'kernels', 'tslab')
  mkdirSync(folder, { recursive: true })
  const kernel = {
    argv: [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
  }
  writeFileSync(path.join(folder, 'kernel.json'), JSON.stringify(kernel))
}

/**
 * Makes `import 'skein'` resolve in the notebooks: the kernel's compiler looks into `node_modules`
 * only, where a package does not find itself by its own name.
 */
function linkPackage() {
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  const folder = at('notebooks', 'node_modules', manifest.name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  symlinkSync(at('dist'), path.join(folder, 'dist'), 'junction')
}

function runNotebook([command, ...args], file, write) {
  const output = write
    ? ['--inplace']
    : ['--output-dir', temporary, '--output', path.basename(file)]
  const options = ['--to', 'notebook', '--execute', '--ExecutePreprocessor.timeout=1800', ...output]
  const { status } = spawnSync(command, [...args, ...options, file], {
    cwd: at('notebooks'),
    stdio: ['ignore', 2, 2],
    env: { ...process.env, JUPYTER_PATH: path.join(temporary, 'jupyter') },
  })
  return status === 0
}
