import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '../../app/config.ts';

/** `back openapi`: the API's description, from the routes themselves; needs neither database nor configuration. */
export function registerOpenapi(program: Command): void {
  program
    .command('openapi')
    .description('print the OpenAPI 3.1 document')
    .option('-o, --output <file>', 'write it to a file instead')
    .action(async ({ output }: { output?: string }) => {
      const text = await openapiDocument();
      if (output === undefined) process.stdout.write(text);
      else writeFileSync(output, text);
    });
}

/** The document as it is checked in: indented, with a last newline. */
export async function openapiDocument(): Promise<string> {
  // The commands that only stand beside this one do without the application, which takes a second to load.
  const { buildApp } = await import('../../app/app.ts');
  const config = loadConfig({ SECRET_KEY: 'unused: the document holds no key, 0123456789', LOG_LEVEL: 'silent' });
  const app = await buildApp(config);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
