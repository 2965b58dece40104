import { computed } from '@preact/signals';
import type { VNode } from 'preact';
import { Audit } from './pages/audit.ts';
import { DataList, DataNew, DataRow } from './pages/data.ts';
import { Home } from './pages/home.ts';
import { Jobs } from './pages/jobs.ts';
import { Limits } from './pages/limits.ts';
import { Mails } from './pages/mails.ts';
import { System } from './pages/system.ts';
import { User } from './pages/user.ts';
import { UserImport } from './pages/user-import.ts';
import { UserInvite, UserNew } from './pages/user-new.ts';
import { Users } from './pages/users.ts';
import type { IconName } from './parts/icon.ts';
import { nameOf, resources } from './resources.ts';

export interface Screen {
  path: string;
  name: string;
  icon: IconName;
}

type View = (props: { id?: string; name?: string }) => VNode;

/** Every view by the pattern of its path; the first that fits is shown. */
const VIEWS: readonly (readonly [pattern: RegExp, view: View])[] = [
  [/^\/$/, Home],
  [/^\/users$/, Users],
  [/^\/users\/new$/, UserNew],
  [/^\/users\/invite$/, UserInvite],
  [/^\/users\/import$/, UserImport],
  [/^\/users\/(?<id>[0-9a-f-]{36})$/, User],
  [/^\/audit$/, Audit],
  [/^\/mails$/, Mails],
  [/^\/jobs$/, Jobs],
  [/^\/limits$/, Limits],
  [/^\/system$/, System],
  [/^\/data\/(?<name>[\w-]+)$/, DataList],
  [/^\/data\/(?<name>[\w-]+)\/new$/, DataNew],
  [/^\/data\/(?<name>[\w-]+)\/(?<id>[\w-]+)$/, DataRow],
];

/** What the bar at the side leads to; the product's own tables are among them. */
export const screens = computed((): readonly Screen[] => [
  { path: '/', name: 'Home', icon: 'home' },
  { path: '/users', name: 'Users', icon: 'users' },
  { path: '/audit', name: 'Audit', icon: 'audit' },
  { path: '/mails', name: 'Mails', icon: 'mails' },
  { path: '/jobs', name: 'Jobs', icon: 'jobs' },
  { path: '/limits', name: 'Limits', icon: 'limits' },
  ...(resources.value ?? []).map((resource) => ({
    path: `/data/${nameOf(resource)}`,
    name: resource.title,
    icon: 'data' as const,
  })),
  { path: '/system', name: 'System', icon: 'system' },
]);

/** The view of a path with what its pattern reads from it. */
export function viewOf(path: string): { view: View; values: Record<string, string> } | undefined {
  for (const [pattern, view] of VIEWS) {
    const found = pattern.exec(path);
    if (found !== null) return { view, values: { ...found.groups } };
  }
  return undefined;
}
