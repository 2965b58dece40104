import { type Command, InvalidArgumentError } from 'commander';
import { readEnvironment } from '../app/config.ts';
import { productFiles } from '../app/product.ts';
import { printable } from '../app/utils/printable.ts';
import { type Diagnosis, diagnose } from '../doctor/diagnose.ts';
import { counted, type Finding } from '../doctor/finding.ts';
import { observe } from '../doctor/observe/observe.ts';
import { redacted } from '../doctor/redact.ts';
import { sentenceOf } from './ui/errors.ts';

interface Options {
  instances: number;
  within: number;
  production?: boolean;
  json?: boolean;
}

/** What starting and printing take of the time. */
const OWN_START_MS = 500;
const MAX_NUMBER = 1000;

/** `back doctor`: what is right and wrong with the environment, and what to do about it. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at database, keys, settings, mail, jobs and Redis, and say what is wrong with the fix; exit with 1 if something fails',
    )
    .option('--instances <n>', 'copies of the application that run at once, each with its WORKERS', wholeNumber, 1)
    .option('--within <seconds>', 'how long to look at most', wholeNumber, 5)
    .option('--production', 'judge as `npm start` would: ENVIRONMENT is production if it is unset')
    .option('--json', 'for scripts')
    .action(async ({ instances, within, production = false, json = false }: Options) => {
      const environment = { ...readEnvironment() };
      if (production) environment.ENVIRONMENT = environment.ENVIRONMENT?.trim() || 'production';
      const withinMs = within * 1000 - OWN_START_MS;
      const observation = await observe({
        environment,
        directory: process.cwd(),
        instances,
        file_purposes: Object.keys(productFiles),
        withinMs,
        explain,
      });
      const diagnosis = redacted(diagnose(observation), {
        config: observation.config,
        given: [environment.DATABASE_URL ?? '', environment.REDIS_URL ?? '', environment.SMTP_URL ?? ''],
      });
      const text = json ? JSON.stringify(diagnosis, null, 2) : report(diagnosis);
      const code = diagnosis.counts.fail > 0 ? 1 : 0;
      // A name server that does not answer would hold the process for as long as it likes.
      process.stdout.write(`${text}\n`, () => process.exit(code));
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > MAX_NUMBER)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_NUMBER}.`);
  return value;
}

function explain(error: unknown): string {
  const sentence = sentenceOf(error);
  return sentence instanceof Error ? sentence.message : String(sentence);
}

function report({ groups, counts }: Diagnosis): string {
  const lines = groups.flatMap(({ heading, findings }) => [heading, ...findings.flatMap(linesOf), '']);
  return [...lines, `${counts.ok} ok, ${counted(counts.warn, 'warning')}, ${counted(counts.fail, 'failure')}`].join(
    '\n',
  );
}

function linesOf({ level, message, fix }: Finding): string[] {
  return [`  ${level.padEnd(4)}  ${printable(message)}`, ...fix.map((line) => `        ${printable(line)}`)];
}
