import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** A password, asked for twice without echo, or the first line of standard input. Throws where the two differ. */
export async function readPassword({ from_stdin }: { from_stdin: boolean }): Promise<string> {
  if (from_stdin) return firstLine();
  const password = await askHidden('Password: ');
  if ((await askHidden('Once more: ')) !== password) throw new Error('The two passwords differ');
  return password;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: stdin })) return line;
  throw new Error('No password on standard input');
}

function askHidden(question: string): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: mute, terminal: true });
  stdout.write(question);
  return new Promise((resolve, reject) => {
    terminal.once('SIGINT', () => {
      terminal.close();
      reject(new Error('Cancelled'));
    });
    terminal.question('', (answer) => {
      terminal.close();
      stdout.write('\n');
      resolve(answer);
    });
  });
}
