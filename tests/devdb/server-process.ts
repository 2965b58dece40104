import { type PostgresOptions, startPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';

// A process that owns a server, for tests that end such a process in all ways. Prints one JSON line when the server answers.
const options: PostgresOptions | null = JSON.parse(process.argv[2] ?? 'null');
const print = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const { url, pid } = options
    ? await startPostgres({ ...options, onProgress: print })
    : await startThrowAwayPostgres({ onProgress: print });
  print(JSON.stringify({ url, pid }));
} catch (error) {
  print(String(error));
  process.exit(1);
}
setInterval(() => {}, 60_000);
