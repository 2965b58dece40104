import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, run } from './engine.ts';

const FOLDER = process.env.BACK_IMAGES ?? '';
const NEEDED = ['podman', 'runc', 'catatonit'];

/** True where Podman or what it needs is not installed. */
export const podmanIsMissing = NEEDED.some((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);

/** `podman …`, with all that it keeps in the folder of these tests; what it warns of is left out. */
export function podman(...args: string[]): Promise<string> {
  const places = ['root', 'runroot', 'tmpdir', 'network-config-dir'].map((name) => `--${name}=${place(name)}`);
  // Debian's other runtime refuses a machine that has both versions of control groups.
  const options = ['--runtime=runc', '--cgroup-manager=cgroupfs', '--log-level=fatal', ...places];
  return run('sh', '-c', '"$@" 2>"$0" || { cat "$0"; exit 1; }', place('errors'), 'podman', ...options, ...args);
}

/** Makes its folders and a network named pods, and gives it images of the other engine. */
export async function startPodman(images: string[]): Promise<void> {
  for (const name of ['root', 'runroot', 'tmpdir', 'network-config-dir']) mkdirSync(place(name), { recursive: true });
  // Its own wishes are more than a root without CAP_SYS_RESOURCE may give.
  const limits = 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]';
  process.env.CONTAINERS_CONF = join(FOLDER, 'containers.conf');
  writeFileSync(process.env.CONTAINERS_CONF, `[containers]\n${limits}\n`);
  const archive = join(FOLDER, 'images.tar');
  await docker('save', '--output', archive, ...images);
  await podman('load', '--quiet', '--input', archive);
  await podman('network', 'create', 'pods');
}

function place(name: string): string {
  return join(FOLDER, 'podman', name);
}
