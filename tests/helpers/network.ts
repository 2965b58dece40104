import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { isListening } from 'pg-devdb/probe';

/** Where a test may use the default ports: every program is started behind `prefix`. */
export interface Network {
  prefix: readonly string[];
  remove: () => void;
}

const MAKE = ['sh', '-c', 'ip link set lo up && echo up && exec sleep 86400'];

/** A network of the test's own where Linux gives one, else the machine's where the ports are free; otherwise the reason why there is none. */
export async function networkWithPorts(ports: readonly number[]): Promise<Network | string> {
  const own = await ownNetwork();
  if (own !== undefined) return own;
  const taken: number[] = [];
  for (const port of ports) if (await isListening('localhost', port)) taken.push(port);
  if (taken.length === 0) return { prefix: [], remove: () => {} };
  return `port ${taken.join(' and ')} is taken here, and there is no network namespace to be had`;
}

async function ownNetwork(): Promise<Network | undefined> {
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps'];
  if (process.platform !== 'linux') return undefined;
  if (spawnSync('unshare', [...user, '--net', 'ip', 'link', 'set', 'lo', 'up']).status !== 0) return undefined;
  const holder = spawn('unshare', [...user, '--net', ...MAKE], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const _up of holder.stdout) break;
  const enter = isRoot ? [] : ['--user', '--preserve-credentials'];
  return { prefix: ['nsenter', '-t', String(holder.pid), '--net', ...enter], remove: () => holder.kill() };
}

/** One HTTP request with a JSON body from inside a network. */
export function requestFrom(
  { prefix }: Network,
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): { status: number; body: Record<string, unknown> } {
  const { body, headers, ...rest } = init;
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const request = {
    ...rest,
    ...json,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
  };
  const script = `const r = await fetch(process.argv[1], JSON.parse(process.argv[2]));
    console.log(JSON.stringify({ status: r.status, body: await r.json() }))`;
  const [command = '', ...args] = [...prefix, process.execPath, '--input-type=module', '-e', script, url];
  return JSON.parse(execFileSync(command, [...args, JSON.stringify(request)], { encoding: 'utf8' }));
}
