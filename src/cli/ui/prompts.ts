import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from './errors.ts';

/** A password, asked for twice without echo, or the first line of standard input. Throws if the two differ. */
export async function readPassword({ from_stdin }: { from_stdin: boolean }): Promise<string> {
  if (from_stdin) return firstLine();
  const password = await askHidden('Password: ');
  if ((await askHidden('Once more: ')) !== password) throw new CommandError('The two passwords differ');
  return password;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: stdin })) return line;
  throw new CommandError(
    'There is no password on standard input: pipe one in, or run this at a terminal, which asks for it',
  );
}

function askHidden(question: string): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: mute, terminal: true });
  stdout.write(question);
  return new Promise((resolve, reject) => {
    // Ctrl-C and Ctrl-D close it without an answer.
    terminal.once('SIGINT', () => terminal.close());
    terminal.once('close', () => {
      stdout.write('\n');
      reject(new CommandError('Cancelled'));
    });
    terminal.question('', (answer) => {
      resolve(answer);
      terminal.close();
    });
  });
}
