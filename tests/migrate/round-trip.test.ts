import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject } from '../helpers/migrations.ts';
import { roundTrip } from '../helpers/round-trip.ts';
import { catalogue } from './catalogue/index.ts';

describe('a change of the models, forth, back and forth on PostgreSQL 17', () => {
  it('is one of sixty at least', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(catalogue)('$name', async (change) => {
    const project = await createProject();
    onTestFinished(project.end);
    await roundTrip(project, change);
  });
});
