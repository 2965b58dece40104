import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SETTINGS } from '../../src/app/config.ts';
import { haproxyProgram } from '../helpers/haproxy.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOY = join(ROOT, 'deploy');
/** Without the secrets that the guide has one write there, which git ignores. */
const FILES = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.\w+$|file$/.test(name) && name !== '.env',
);
const YAML_FILES = FILES.filter((name) => name.endsWith('.yaml'));
const STOPS_WITHIN_SECONDS = 9;
/** What Node itself reads. */
const NODE_SETTINGS = ['NODE_COMPILE_CACHE'];

/** A node of a parsed file; what is read of it is checked by the test that reads it. */
// biome-ignore lint/suspicious/noExplicitAny: the files' shapes are their schemas', not ours
type Tree = any;

const text = (name: string): string => readFileSync(join(DEPLOY, name), 'utf8');
const documents = (name: string): Tree[] => parse(name).map((document) => document.toJS());
const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const openapi = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
const compose: Tree = documents('compose.yaml')[0];
const resources: Tree[] = readdirSync(join(DEPLOY, 'kubernetes')).flatMap((name) => documents(`kubernetes/${name}`));
const ofKind = (kind: string): Tree[] => resources.filter((resource) => resource.kind === kind);
const podSpecs: Tree[] = resources.flatMap(({ spec }) => {
  const template = spec?.template ?? spec?.jobTemplate?.spec.template;
  return template === undefined ? [] : [template];
});
const containers: Tree[] = podSpecs.flatMap(({ spec }) => spec.containers);
const service = text('api.service');

function isWithin(range: string, address: string): boolean {
  const [network = '', prefix] = range.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}

function parse(name: string) {
  return parseAllDocuments(text(name), { strict: true, uniqueKeys: true, merge: true });
}

describe('deploy/', () => {
  it.each(YAML_FILES)('%s is YAML without errors or warnings', (name) => {
    expect(parse(name).flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(documents(name).every((document) => typeof document === 'object' && document !== null)).toBe(true);
  });

  it('sets only what the application reads', () => {
    const { api, migrate } = compose.services;
    const set = [
      ...Object.keys({ ...api.environment, ...migrate.environment }),
      ...ofKind('ConfigMap').flatMap(({ data }) => Object.keys(data)),
      ...ofKind('Secret').flatMap(({ stringData }) => Object.keys(stringData)),
      ...containers.flatMap(({ env = [] }) => env.map(({ name }: { name: string }) => name)),
      ...[...service.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs = '']) =>
        pairs.split(' ').map((pair) => pair.split('=')[0] ?? ''),
      ),
      ...[...text('Dockerfile').matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = '']) =>
        pairs.split(' ').map((pair) => pair.split('=')[0] ?? ''),
      ),
    ];
    expect(set.length).toBeGreaterThan(15);
    expect(set.filter((name) => !(name in SETTINGS) && !NODE_SETTINGS.includes(name))).toEqual([]);
  });

  it('sets only values that the application takes', () => {
    const { api } = compose.services;
    const literal = { ...api.environment, ...ofKind('ConfigMap')[0].data };
    for (const [name, value] of Object.entries(literal)) {
      if (String(value).includes('${')) continue;
      const setting = SETTINGS[name as keyof typeof SETTINGS];
      expect(() => setting.parse(String(value)), name).not.toThrow();
    }
  });

  it('asks only what the API answers to nobody in particular, where it listens', () => {
    const probes: Tree[] = containers.flatMap(({ startupProbe, livenessProbe, readinessProbe }) =>
      [startupProbe, livenessProbe, readinessProbe].filter((probe) => probe !== undefined),
    );
    expect(probes).toHaveLength(3);
    const asked = [
      ...probes.map(({ httpGet }) => httpGet.path),
      /http-check send meth GET uri (\S+)/.exec(text('haproxy.cfg'))?.[1],
      /HEALTHCHECK[\s\S]*?(\/health\/\w+)/.exec(text('Dockerfile'))?.[1],
    ];
    for (const path of asked) {
      expect(path).toMatch(/^\/health\/(live|ready)$/);
      expect(openapi.paths[path].get).toBeDefined();
    }
    const port = Number(/PORT=(\d+)/.exec(text('Dockerfile'))?.[1]);
    expect(text('Dockerfile')).toContain(`EXPOSE ${port}`);
    expect(containers.flatMap(({ ports = [] }) => ports)).toEqual([{ name: 'http', containerPort: port }]);
    expect(probes.every(({ httpGet }) => httpGet.port === 'http')).toBe(true);
    expect(text('haproxy.cfg')).toContain(` api:${port} `);
    expect(ofKind('Service')[0].spec.ports[0].targetPort).toBe('http');
  });

  it('tells a stopping server from a sick one: liveness does not ask the database, readiness does', () => {
    const [server] = ofKind('Deployment')[0].spec.template.spec.containers;
    expect(server.livenessProbe.httpGet.path).toBe('/health/live');
    expect(server.readinessProbe.httpGet.path).toBe('/health/ready');
  });

  it('runs only commands that exist', () => {
    const main = ['src/cli/main.ts', 'packages/migrate/src/cli/verbs.ts']
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n');
    const verbs = [
      ...containers.flatMap(({ args = [] }) => args.slice(0, 1)),
      compose.services.migrate.command[0],
      ...[...text('Dockerfile').matchAll(/^CMD \["(\w+)"\]/gm)].map(([, verb]) => verb),
      /main\.ts (\w+)$/m.exec(service)?.[1],
    ];
    expect(verbs).toHaveLength(5);
    for (const verb of verbs) expect(main).toMatch(new RegExp(`^  '?${verb}'?: async`, 'm'));
    const entry = 'src/cli/main.ts';
    expect(existsSync(join(ROOT, entry))).toBe(true);
    expect(text('Dockerfile')).toMatch(new RegExp(`^ENTRYPOINT \\["node", .*"${entry}"\\]$`, 'm'));
    expect(service).toContain(`${entry} run`);
  });

  it('gives Node the options that npm start does, also while the image compiles', () => {
    const program = readFileSync(join(ROOT, 'bin/back.js'), 'utf8');
    const options = [...program.matchAll(/^const (?:MEMORY|PINNED) = ([^;]+);$/gm)].flatMap(([, list = '']) =>
      [...list.matchAll(/'(--[^']+)'/g)].map(([, option]) => option),
    );
    expect(options.length).toBeGreaterThan(2);
    const command = ['node', ...options, 'src/cli/main.ts'];
    expect(text('Dockerfile')).toContain(`ENTRYPOINT ${JSON.stringify(command).replaceAll(',', ', ')}`);
    expect(text('Dockerfile')).toContain(`RUN ${command.join(' ')} `);
    expect(text('Dockerfile')).toContain(`RUN node ${options.join(' ')} --input-type=module `);
    expect(service).toContain(`/${command.join(' ')} run`);
  });

  it('names only files that exist', () => {
    const mounted: string[] = Object.values(compose.services)
      .flatMap(({ volumes = [] }: Tree) => volumes as string[])
      .filter((volume) => volume.startsWith('./'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted).toHaveLength(2);
    const contexts: Tree[] = Object.values(compose.services).flatMap(({ build }: Tree) => (build ? [build] : []));
    const named = [
      ...mounted.map((path) => join('deploy', path)),
      ...contexts.map(({ context, dockerfile }) => join('deploy', context, dockerfile ?? 'Dockerfile')),
      ...FILES.flatMap((name) => [...text(name).matchAll(/docs\/guides\/[\w-]+\.md/g)].map(([path]) => path)),
    ];
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('stops nobody sooner than a server needs to stop', () => {
    const delays = {
      compose: compose.services.api.environment.STOP_DELAY_SECONDS,
      kubernetes: Number(ofKind('ConfigMap')[0].data.STOP_DELAY_SECONDS),
      systemd: Number(/STOP_DELAY_SECONDS=(\d+)/.exec(service)?.[1]),
    };
    const main = readFileSync(join(ROOT, 'src/app/main.ts'), 'utf8');
    expect(main).toContain(`STOP_WITHIN_MS = ${STOPS_WITHIN_SECONDS}000`);
    const granted = {
      compose: Number.parseInt(compose.services.api.stop_grace_period, 10),
      kubernetes: ofKind('Deployment')[0].spec.template.spec.terminationGracePeriodSeconds,
      systemd: Number(/TimeoutStopSec=(\d+)/.exec(service)?.[1]),
    };
    for (const [where, delay] of Object.entries(delays)) {
      expect(delay, where).toBeGreaterThanOrEqual(2);
      expect(granted[where as keyof typeof granted], where).toBeGreaterThan(delay + STOPS_WITHIN_SECONDS);
    }
    // The proxy has looked twice by then.
    const [, inter, fall] = /inter (\d+)s fall (\d+)/.exec(text('haproxy.cfg')) ?? [];
    expect(delays.compose).toBeGreaterThan(Number(inter) * Number(fall));
    const { periodSeconds, failureThreshold } = ofKind('Deployment')[0].spec.template.spec.containers[0].readinessProbe;
    expect(delays.kubernetes).toBeGreaterThan(periodSeconds * failureThreshold);
  });

  it('holds no secret', () => {
    for (const { stringData } of ofKind('Secret')) expect(new Set(Object.values(stringData))).toEqual(new Set(['']));
    const secret = /(SECRET_KEY|PASSWORD|DATABASE_URL)\b\s*[:=]\s*(?!['"]?\s*$|\$|postgresql:\/\/\w+:\$)(\S+)/gm;
    const written = FILES.flatMap((name) => [...text(name).matchAll(secret)].map(([line]) => `${name}: ${line}`));
    expect(written.filter((line) => !/\$\(|\$name|:\?|: ''$/.test(line))).toEqual([]);
  });

  it('pins its images: Node as the project does, nothing "latest"', () => {
    const images = [
      ...[...text('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? ''),
      ...[...text('pgbouncer/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? ''),
      ...Object.values(compose.services).flatMap(({ image }: Tree) => (image && image !== 'back-api' ? [image] : [])),
      ...containers.map(({ image }) => image),
    ];
    expect(images.filter((image) => !/:[\w.-]+$/.test(image) || image.endsWith(':latest'))).toEqual([]);
    const node = images.filter((image) => image.startsWith('node:'));
    expect(new Set(node)).toEqual(new Set([`node:${packageJson.devDependencies.node}-bookworm-slim`]));
    const own = new Set(images.filter((image) => image.includes('/back-api:')));
    expect(own).toEqual(new Set([`registry.example.com/back-api:${packageJson.version}`]));
  });
});

describe('deploy/compose.yaml', () => {
  it('lets only the proxy out of the machine’s inside, and believes only the proxy', () => {
    const published = Object.entries<Tree>(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(['proxy']);
    expect(compose.services.proxy.ports).toEqual(['127.0.0.1:8080:8080']);
    expect(compose.networks.database.internal).toBe(true);
    const { api, proxy } = compose.services;
    expect(api.environment.TRUSTED_PROXIES).toBe(proxy.networks.front.ipv4_address);
  });

  it('gives nobody else the address of the proxy', () => {
    const [{ subnet, gateway, ip_range }] = compose.networks.front.ipam.config;
    const address = compose.services.proxy.networks.front.ipv4_address;
    expect([isWithin(subnet, address), isWithin(subnet, gateway)]).toEqual([true, true]);
    expect([isWithin(ip_range, address), isWithin(ip_range, gateway)]).toEqual([false, false]);
  });

  it('starts replicas only after migrations and roles, and serves as a role of few rights', () => {
    const { migrate, roles, api } = compose.services;
    expect(roles.depends_on.migrate.condition).toBe('service_completed_successfully');
    expect(api.depends_on.roles.condition).toBe('service_completed_successfully');
    expect(migrate.environment.DATABASE_URL).toContain('//postgres:');
    expect(api.environment.DATABASE_URL).toContain('//back_app:');
    expect(api.deploy.replicas).toBe(2);
    expect([api.read_only, api.cap_drop, api.security_opt]).toEqual([true, ['ALL'], ['no-new-privileges:true']]);
  });

  it('names only services, networks and conditions that there are', () => {
    for (const [name, { depends_on = {}, networks = [] }] of Object.entries<Tree>(compose.services)) {
      const needed = [...Object.keys(depends_on)].filter((other) => !(other in compose.services));
      const used = (Array.isArray(networks) ? networks : Object.keys(networks)) as string[];
      expect([needed, used.filter((network) => !(network in compose.networks))], name).toEqual([[], []]);
    }
    // `service_healthy` waits for a health check, which the image or the file has to bring.
    expect(compose.services.postgres.healthcheck).toBeDefined();
    expect(text('Dockerfile')).toContain('HEALTHCHECK');
  });
});

describe('deploy/kubernetes', () => {
  it('selects the pods that it makes, and only the servers', () => {
    const [deployment] = ofKind('Deployment');
    const { labels } = deployment.spec.template.metadata;
    const selectors = [
      deployment.spec.selector.matchLabels,
      ofKind('Service')[0].spec.selector,
      ofKind('PodDisruptionBudget')[0].spec.selector.matchLabels,
      ...deployment.spec.template.spec.topologySpreadConstraints.map(
        ({ labelSelector }: Tree) => labelSelector.matchLabels,
      ),
    ];
    expect(selectors).toHaveLength(5);
    for (const selector of selectors) expect(selector).toEqual(labels);
    const others = podSpecs.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
    expect(others.sort()).toEqual(['audit', 'migration', 'server']);
    expect(ofKind('HorizontalPodAutoscaler')[0].spec.scaleTargetRef.name).toBe(deployment.metadata.name);
  });

  it('lets no pod be root, write its image or gain rights', () => {
    for (const { spec } of podSpecs) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      expect(spec.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
      expect([spec.automountServiceAccountToken, spec.enableServiceLinks]).toEqual([false, false]);
    }
    for (const { securityContext, resources: limits } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect([limits.requests.memory, limits.limits.memory]).not.toContain(undefined);
    }
  });

  it('takes settings from what it has: the key for servers alone, the owner for migrations and upkeep', () => {
    const names = [...ofKind('ConfigMap'), ...ofKind('Secret')].map(({ metadata }) => metadata.name);
    const used = containers.map(({ envFrom }) =>
      envFrom.map(({ configMapRef, secretRef }: Tree) => (configMapRef ?? secretRef).name),
    );
    expect(used.flat().filter((name: string) => !names.includes(name))).toEqual([]);
    const owner = ofKind('Secret').find(({ metadata }) => metadata.name === 'back-api-owner');
    expect(Object.keys(owner.stringData)).toEqual(['DATABASE_URL']);
    expect(ofKind('Deployment')[0].spec.template.spec.containers[0].envFrom).toEqual([
      { configMapRef: { name: 'back-api' } },
      { secretRef: { name: 'back-api' } },
    ]);
  });

  it('never has fewer servers than asked while it replaces them', () => {
    const { replicas, strategy } = ofKind('Deployment')[0].spec;
    expect(strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
    expect(ofKind('PodDisruptionBudget')[0].spec.minAvailable).toBeLessThan(replicas);
  });
});

describe.skipIf(haproxyProgram === undefined)('deploy/haproxy.cfg (skipped where haproxy is not installed)', () => {
  it('is valid, without a warning', () => {
    const { status, stderr } = spawnSync(haproxyProgram ?? '', ['-c', '-dW', '-f', join(DEPLOY, 'haproxy.cfg')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the names of the files', () => {
  it('do not hold the name of the product, which `back rename` writes into them', () => {
    const names = readdirSync(DEPLOY, { recursive: true }).map(String);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => name.includes('back-api'))).toEqual([]);
  });
});

describe.skipIf(!existsSync('/usr/bin/systemd-analyze'))('deploy/api.service (skipped without systemd)', () => {
  it('is a unit that systemd understands', () => {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    let said: string;
    try {
      said = execFileSync('systemd-analyze', ['verify', join(DEPLOY, 'api.service')], options);
    } catch (error) {
      said = String((error as { stderr: string }).stderr);
    }
    // A machine without a Node of its own has nothing at that path; everything else is the file's.
    const complaints = said.split('\n').filter((line) => line.includes('api.service'));
    expect(complaints.filter((line) => !line.includes('/usr/bin/node is not executable'))).toEqual([]);
  });

  it('exposes little of the machine', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', join(DEPLOY, 'api.service')], {
      encoding: 'utf8',
    });
    const level = Number(/Overall exposure level for api\.service: ([\d.]+)/.exec(stdout)?.[1]);
    expect(level).toBeLessThan(2);
  });
});
