import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_TXT = 16;
const NO_SUCH_NAME = 3;

/**
 * A name server on the loopback that knows these names and their texts; a name without texts is there without records. Gives
 * its address for `setServers`.
 */
export async function startTxtServer(
  names: Readonly<Record<string, readonly string[]>>,
): Promise<{ address: string; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const texts = names[nameIn(query)];
    socket.send(answerTo(query, texts), port, address);
  });
  const bound = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await bound;
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

/** The name of the question (RFC 1035 §4.1.2), which begins after the header. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; query[at]; at += (query[at] ?? 0) + 1)
    labels.push(query.toString('ascii', at + 1, at + 1 + (query[at] ?? 0)));
  return labels.join('.').toLowerCase();
}

function answerTo(query: Buffer, texts: readonly string[] | undefined): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (texts === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(texts?.length ?? 0, 6);
  return Buffer.concat([header, query.subarray(12, end), ...(texts ?? []).map(recordOf)]);
}

/** A record of the name at offset 12, with one string. */
function recordOf(text: string): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TYPE_TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(text.length + 1, 10);
  head.writeUInt8(text.length, 12);
  return Buffer.concat([head, Buffer.from(text)]);
}
