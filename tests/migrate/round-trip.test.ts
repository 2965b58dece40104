import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { roundTrip } from '../helpers/round-trip.ts';
import { casesOf } from '../helpers/short-form.ts';
import { catalogue } from './catalogue/index.ts';

describe('a change of the models, forth, back and forth on PostgreSQL 17', () => {
  let project: MigrationProject;

  beforeAll(async () => {
    project = await createProject();
  });
  beforeEach(() => project.reset());
  afterAll(() => project.end());

  it('is one of sixty at least', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(casesOf(catalogue, 8))('$name', (change) => roundTrip(project, change));
});
