import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { SECRET_KEY } from '../helpers/api.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { podman, podmanIsMissing, startPodman } from './podman.ts';

const MANIFESTS = join(import.meta.dirname, '../../deploy/kubernetes');
const FOLDER = process.env.BACK_IMAGES ?? '';
const PASSWORDS = { owner: 'ownerOfTheseTests', back_app: 'roleOfTheseTests' };
const SERVERS = ['back-api-pod-0', 'back-api-pod-1'];
const STARTS_WITHIN_MS = 60_000;

/** A node of a parsed file. */
// biome-ignore lint/suspicious/noExplicitAny: the files' shapes are their schemas', not ours
type Tree = any;

const job: Tree = manifest('migration-job.yaml');
const deployment: Tree = manifest('deployment.yaml');
const [server]: Tree[] = deployment.spec.template.spec.containers;

describe.skipIf(podmanIsMissing)('deploy/kubernetes, its pods (skipped where podman is not installed)', () => {
  beforeAll(async () => {
    await startPodman(['back-api:latest', 'postgres:17-bookworm']);
    await podman('tag', 'localhost/back-api:latest', server.image);
    const settings = ['--env', 'POSTGRES_DB=back', '--env', `POSTGRES_PASSWORD=${PASSWORDS.owner}`];
    await podman('run', '--detach', '--name', 'db', '--network', 'pods', ...settings, 'localhost/postgres:17-bookworm');
    await eventually(
      'PostgreSQL answers',
      () =>
        psql('-c', 'select 1').then(
          () => true,
          () => false,
        ),
      STARTS_WITHIN_MS,
    );
    await makeSecret('back-api-owner', { DATABASE_URL: url('postgres', PASSWORDS.owner) });
    await makeSecret('back-api', { DATABASE_URL: url('back_app', PASSWORDS.back_app), SECRET_KEY });
  });
  afterAll(async () => {
    await podman('pod', 'rm', '--all', '--force', '--time', '0');
    await podman('rm', '--all', '--force', '--time', '0');
  });

  it('migrate with the owner’s secret, and end with 0', async () => {
    const { metadata, spec } = job.spec.template;
    // Podman 4.3 knows no Job; its pod it knows.
    await play('migration', { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'migrate' }, spec });
    expect(await podman('wait', 'migrate-migration')).toBe('0');
    expect(await podman('logs', 'migrate-migration')).toContain('upgrade 3bd489246313');
    await podman('cp', join(MANIFESTS, '../roles.sql'), 'db:/tmp/roles.sql');
    await psql('-f', '/tmp/roles.sql', '-c', `alter role back_app password '${PASSWORDS.back_app}'`);
  });

  it('serve from two pods: each probe is answered, and the settings are those of the ConfigMap', async () => {
    // Podman would publish the port on the machine, for both pods the same.
    const containers = [{ ...server, ports: undefined }];
    const template = { ...deployment.spec.template, spec: { ...deployment.spec.template.spec, containers } };
    const config = ['--configmap', join(MANIFESTS, 'config.yaml')];
    await play('deployment', { ...deployment, spec: { ...deployment.spec, template } }, config);
    const port = server.ports[0].containerPort;
    for (const pod of SERVERS) {
      const address = await addressOf(pod);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const asked = `http://${address}:${port}${server[probe].httpGet.path}`;
        const answers = (): Promise<boolean> =>
          fetch(asked).then(
            ({ ok }) => ok,
            () => false,
          );
        await eventually(`${pod} answers its ${probe}`, answers, STARTS_WITHIN_MS);
      }
      const environment = await podman('exec', `${pod}-server`, 'env');
      for (const [name, value] of Object.entries(manifest('config.yaml').data)) {
        expect(environment.split('\n')).toContain(`${name}=${value}`);
      }
    }
  });

  it('are nobody in particular, without rights, on files that they cannot write', async () => {
    for (const pod of SERVERS) {
      const status = await podman('exec', `${pod}-server`, 'cat', '/proc/1/status');
      expect(status).toMatch(/^Uid:\s1000\s1000\s1000\s1000$/m);
      expect(status).toMatch(/^CapBnd:\s0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s1$/m);
      const write = 'for place in / /app /etc /tmp; do touch "$place/x" 2>&1 || true; done';
      const said = await podman('exec', `${pod}-server`, 'sh', '-c', write);
      expect(said.match(/Read-only file system/g)).toHaveLength(4);
      expect(await podman('inspect', `${pod}-server`, '--format', '{{.HostConfig.Memory}}')).toBe(`${512 * 2 ** 20}`);
    }
  });

  it('stop within their grace: not ready for as long as they serve on, then with 0', async () => {
    const [pod = ''] = SERVERS;
    const address = await addressOf(pod);
    const ask = (path: string): Promise<number> => fetch(`http://${address}:8000${path}`).then(({ status }) => status);
    const began = performance.now();
    const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
    const stopped = podman('stop', '--time', String(terminationGracePeriodSeconds), `${pod}-server`);
    await sleep(2000);
    expect([await ask('/health/ready'), await ask('/health/live'), await ask('/items')]).toEqual([503, 200, 401]);
    await stopped;
    const took_s = (performance.now() - began) / 1000;
    expect(took_s).toBeGreaterThan(Number(manifest('config.yaml').data.STOP_DELAY_SECONDS) - 1);
    expect(took_s).toBeLessThan(terminationGracePeriodSeconds);
    expect(await podman('inspect', `${pod}-server`, '--format', '{{.State.ExitCode}}')).toBe('0');
  });
});

function manifest(name: string): Tree {
  return parse(readFileSync(join(MANIFESTS, name), 'utf8'));
}

async function play(name: string, resource: object, options: string[] = []): Promise<void> {
  const file = join(FOLDER, `${name}.yaml`);
  writeFileSync(file, stringify(resource));
  await podman('kube', 'play', '--network', 'pods', ...options, file);
}

/** As Podman 4.3 reads them: the names and values of a Secret, each in base64, as JSON. */
async function makeSecret(name: string, values: Record<string, string>): Promise<void> {
  const file = join(FOLDER, `${name}.json`);
  const encoded = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(encoded)), { mode: 0o600 });
  await podman('secret', 'create', name, file);
}

function psql(...args: string[]): Promise<string> {
  const client = ['psql', '-h', '127.0.0.1', '-U', 'postgres', '-d', 'back', '-q', '-v', 'ON_ERROR_STOP=1'];
  return podman('exec', '--env', `PGPASSWORD=${PASSWORDS.owner}`, 'db', ...client, ...args);
}

function url(role: string, password: string): string {
  return `postgresql://${role}:${password}@db:5432/back?sslmode=disable`;
}

async function addressOf(pod: string): Promise<string> {
  const infra = await podman('pod', 'inspect', pod, '--format', '{{.InfraContainerID}}');
  return podman('inspect', infra, '--format', '{{.NetworkSettings.Networks.pods.IPAddress}}');
}
