import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const NEEDED = ['docker', 'dockerd', 'docker-compose', 'mmdebstrap', 'slirp4netns', 'unshare'];
/** Beside what the tests write, an engine writes into these two; here they are memory that nobody else sees. */
const INSIDE = `
read -r _
names=$(readlink -f /etc/resolv.conf)
cp "$names" "$BACK_IMAGES/resolv.conf"
mount -t tmpfs none /run
mount -t tmpfs none /var/lib
[ -e "$names" ] || { mkdir -p "$(dirname "$names")" && cp "$BACK_IMAGES/resolv.conf" "$names"; }
"$@"`;

const missing = [
  ...(process.getuid?.() === 0 && spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']).status === 0
    ? []
    : ['root with namespaces of its own']),
  ...NEEDED.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0),
];
if (missing.length > 0) process.stdout.write(`skipped: there is no ${missing.join(', no ')}\n`);
else process.exitCode = await run();

/** Runs the tests of this folder in namespaces: no container, address, rule or file of theirs outlives them. */
async function run(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'back-images-'));
  // Past bin/back.js, which looks for npm by a number that is another one inside.
  const tests = ['src/cli/main.ts', 'test', '--config', 'tests/images/vitest.config.ts', ...process.argv.slice(2)];
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const inside = spawn('unshare', [...namespaces, 'sh', '-euc', INSIDE, 'sh', process.execPath, ...tests], {
    cwd: ROOT,
    env: { ...process.env, BACK_IMAGES: folder },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(inside, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => inside.kill('SIGKILL'));
  const network = await connect(inside);
  inside.stdin?.end('\n');
  const [code] = await ended;
  network.kill();
  rmSync(folder, { recursive: true, force: true });
  // Empty by now; one that another engine uses is not, and stays.
  const groups = ['-regex', '.*/\\(docker\\|libpod_parent\\)\\(/.*\\)?', '-exec', 'rmdir', '{}', '+'];
  spawnSync('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', ...groups]);
  return code ?? 1;
}

/** The way out for packages, without a rule or an address on the machine itself. */
async function connect(inside: ChildProcess): Promise<ChildProcess> {
  const of = (pid: number | string): string => readlinkSync(`/proc/${pid}/ns/net`);
  while (of(inside.pid ?? 0) === of('self')) await sleep(10);
  const options = ['--configure', '--disable-host-loopback', '--ready-fd=3', String(inside.pid), 'tap0'];
  const network = spawn('slirp4netns', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  await once(network.stdio[3] as NodeJS.ReadableStream, 'data');
  return network;
}
