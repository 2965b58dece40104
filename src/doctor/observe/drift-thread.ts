import { parentPort, workerData } from 'node:worker_threads';
import { createMigrator } from 'pg-revisions';
import { connectClient } from '../../app/database/client.ts';
import { REVISIONS } from '../../app/database/revisions-directory.ts';
import { models, objects } from '../../app/models/index.ts';
import { Secret } from '../../app/utils/secret.ts';
import { APPLICATION_NAME } from './connections.ts';
import type { DriftAnswer, DriftRequest } from './drift.ts';

// The code that starts this thread passes exactly that.
const request = workerData as DriftRequest;

parentPort?.postMessage(await compare());

async function compare(): Promise<DriftAnswer> {
  const config = { ...request, database_url: new Secret(request.database_url) };
  const migrator = createMigrator({
    ...REVISIONS,
    connect: () => connectClient(config, { application_name: APPLICATION_NAME }),
    schema: config.database_schema,
    models: async () => models,
    objects: async () => objects,
  });
  try {
    return { differences: await migrator.check() };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
